// Starts the page. The token leaves the address bar before anything else happens.

import { createRoot } from 'react-dom/client';
import { App } from './app/app';
import { adoptTokenFromAddress } from './app/session';
import { applyTheme } from './app/theme';
import './ui/base.css';

adoptTokenFromAddress();
applyTheme();

const root = document.getElementById('root');
if (!root) throw new Error('The page has no #root element.');
createRoot(root).render(<App />);
