// Rows that are dragged onto others: what a place of the pointer means, and the wiring of a row.

import {
  draggable,
  dropTargetForElements,
} from '@atlaskit/pragmatic-drag-and-drop/adapter/element-adapter';
import { combine } from '@atlaskit/pragmatic-drag-and-drop/utils/combine';
import { setCustomNativeDragPreview } from '@atlaskit/pragmatic-drag-and-drop/utils/set-custom-native-drag-preview';
import {
  attachInstruction,
  extractInstruction,
  type Instruction,
} from '@atlaskit/pragmatic-drag-and-drop-hitbox/tree-item';
import type { Forest, TreeRow } from './forest';
import { ancestorAt, nameOf, sideOf, type Position } from './moves';
import styles from './tree.module.css';

const KIND = 'structure-row';
/** After resting so long on a folded row, it unfolds. */
const UNFOLDS_AFTER = 600;

/** Where a row would land: beside which row, and at which level its line is drawn. */
export interface Landing {
  line: 'above' | 'below' | 'into';
  depth: number;
  position: Position;
}

/** What the pointer's place on a row means for the row that is dragged; null: nothing. */
export function landingOf(
  forest: Forest,
  moved: TreeRow,
  target: TreeRow,
  instruction: Instruction,
): Landing | null {
  const land = (line: Landing['line'], depth: number, position: Position | null) =>
    position && { line, depth, position };
  switch (instruction.type) {
    case 'reorder-above':
      return land('above', target.depth, sideOf(forest, moved, target, 'before'));
    case 'reorder-below':
      return land('below', target.depth, sideOf(forest, moved, target, 'after'));
    case 'make-child':
      return land('into', target.depth + 1, sideOf(forest, moved, target, 'last'));
    case 'reparent': {
      const beside = ancestorAt(target, instruction.desiredLevel);
      return land('below', beside.depth, sideOf(forest, moved, beside, 'after'));
    }
    case 'instruction-blocked':
      return null;
  }
}

interface Wiring {
  row: TreeRow;
  element: HTMLElement;
  /** What the row is dragged by. */
  handle: HTMLElement;
  /** The part of the row whose left end is level 0. */
  body: HTMLElement;
  forest: () => Forest;
  indent: number;
  onLanding: (landing: Landing | null) => void;
  onDragging: (dragging: boolean) => void;
  onDrop: (moved: TreeRow, position: Position) => void;
  onUnfold: (row: TreeRow) => void;
}

/** Lets a row be dragged, and others be dropped on it; returns how to stop that. */
export function wireRow(wiring: Wiring): () => void {
  const { row, element, handle, body, forest, indent } = wiring;
  let rest: ReturnType<typeof setTimeout> | undefined;
  const leave = () => {
    clearTimeout(rest);
    rest = undefined;
    wiring.onLanding(null);
  };
  const land = (moved: TreeRow, data: Record<string | symbol, unknown>) => {
    const instruction = extractInstruction(data);
    return instruction && landingOf(forest(), moved, row, instruction);
  };
  const stop = combine(
    draggable({
      element,
      dragHandle: handle,
      getInitialData: () => ({ kind: KIND, row }),
      onGenerateDragPreview: ({ nativeSetDragImage }) =>
        setCustomNativeDragPreview({
          nativeSetDragImage,
          render: ({ container }) => {
            const chip = document.createElement('div');
            chip.className = styles.preview ?? '';
            chip.textContent = nameOf(row.item);
            container.append(chip);
          },
        }),
      onDragStart: () => wiring.onDragging(true),
      onDrop: () => wiring.onDragging(false),
    }),
    dropTargetForElements({
      element,
      canDrop: ({ source }) =>
        source.data.kind === KIND && !forest().isWithin(row, source.data.row as TreeRow),
      getData: ({ input }) =>
        attachInstruction(
          {},
          {
            input,
            element: body,
            currentLevel: row.depth,
            indentPerLevel: indent,
            mode:
              row.first && !row.folded
                ? 'expanded'
                : row.next === null
                  ? 'last-in-group'
                  : 'standard',
          },
        ),
      onDrag: ({ self, source }) => {
        const landing = land(source.data.row as TreeRow, self.data);
        wiring.onLanding(landing);
        if (landing?.line !== 'into' || !row.folded) {
          clearTimeout(rest);
          rest = undefined;
        } else rest ??= setTimeout(() => wiring.onUnfold(row), UNFOLDS_AFTER);
      },
      onDragLeave: leave,
      onDrop: ({ self, source }) => {
        leave();
        const moved = source.data.row as TreeRow;
        const landing = land(moved, self.data);
        if (landing) wiring.onDrop(moved, landing.position);
      },
    }),
  );
  return () => {
    clearTimeout(rest);
    stop();
  };
}
