// What the examples find in a browser and Node lacks: a document, and a WebSocket that lets a test
// read what was said. Has to be loaded before React.

import { JSDOM } from 'jsdom';
import { WebSocket } from 'ws';

const { window } = new JSDOM('<!doctype html><title>Understory</title>');

/** The messages of all sockets in both directions, the oldest first. */
export const messages = [];

class RecordedSocket extends WebSocket {
  constructor(...address) {
    super(...address);
    this.addEventListener('message', ({ data }) => messages.push(JSON.parse(data)));
  }

  send(data) {
    messages.push(JSON.parse(data));
    super.send(data);
  }
}

Object.assign(globalThis, { window, document: window.document, WebSocket: RecordedSocket });
// Node has one of its own since version 21.
globalThis.navigator ??= window.navigator;
