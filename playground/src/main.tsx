// Starts the page. The token leaves the address bar before anything else happens.

import { createRoot } from 'react-dom/client';
import { App } from './app';
import { adoptTokenFromAddress } from './session';
import './style.css';

adoptTokenFromAddress();

const root = document.getElementById('root');
if (!root) throw new Error('The page has no #root element.');
createRoot(root).render(<App />);
