// The menus of a row: what can be done with it, and on which side of it another one can be put.

import {
  ArrowDown,
  ArrowUp,
  CornerDownRight,
  CornerUpLeft,
  FolderInput,
  IndentDecrease,
  IndentIncrease,
  Plus,
  Trash2,
} from 'lucide-react';
import type { MenuAction } from '../../ui/menu';
import type { Forest, TreeRow } from './forest';
import { nameOf, sideOf, stepFrom, type Side, type Step } from './moves';

interface Handlers {
  onStep: (step: Step) => void;
  onMove: () => void;
  onAdd: () => void;
  onRemove: () => void;
}

const STEPS: [Step, string, typeof Plus, string][] = [
  ['up', 'Move up', ArrowUp, 'Alt ↑'],
  ['down', 'Move down', ArrowDown, 'Alt ↓'],
  ['in', 'Move under the row above', IndentIncrease, 'Alt →'],
  ['out', 'Move out one level', IndentDecrease, 'Alt ←'],
];

/** What can be done with a row. */
export function rowActions(forest: Forest, row: TreeRow, handlers: Handlers): MenuAction[] {
  return [
    { id: 'move', text: 'Move to…', icon: FolderInput, onAction: handlers.onMove },
    ...STEPS.map(([step, text, icon, keys]) => ({
      id: step,
      text,
      icon,
      keys,
      isDisabled: !stepFrom(forest, row, step),
      onAction: () => handlers.onStep(step),
    })),
    { id: 'add', text: 'Add rows here…', icon: Plus, onAction: handlers.onAdd },
    {
      id: 'remove',
      text: 'Remove…',
      icon: Trash2,
      keys: 'Del',
      danger: true,
      onAction: handlers.onRemove,
    },
  ];
}

const SIDES: [Side, string, typeof Plus][] = [
  ['before', 'Before', ArrowUp],
  ['after', 'After', ArrowDown],
  ['first', 'Under, as first', CornerUpLeft],
  ['last', 'Under, as last', CornerDownRight],
];

/** On which side of a row another one can be put. */
export function placeActions(
  forest: Forest,
  moved: TreeRow,
  target: TreeRow,
  onPlace: (side: Side) => void,
): MenuAction[] {
  return SIDES.map(([side, text, icon]) => ({
    id: side,
    text: `${text.replace('Under,', `Under ${nameOf(target.item)},`)}${side === 'before' || side === 'after' ? ` ${nameOf(target.item)}` : ''}`,
    icon,
    isDisabled: !sideOf(forest, moved, target, side),
    onAction: () => onPlace(side),
  }));
}
