// The parts of the page around the tree, and what passes between them.

import { useCallback, useRef, useState, useSyncExternalStore } from 'react';
import { FolderPlus } from 'lucide-react';
import { routes } from '../../app/routes';
import { AnchoredMenu } from '../../ui/menu';
import { Button, ButtonLink } from '../../ui/button';
import { Page } from '../../ui/page';
import { Empty, Failure, Loading, Missing } from '../../ui/state';
import { AddRows, type Where } from './add-rows';
import { Banner } from './banner';
import type { TreeRow } from './forest';
import { HistoryPanel, type Version } from './history-panel';
import { DeleteStructure, EditStructure, type Structure } from './manage-structure';
import { nameOf, sideOf, type Side, type Step } from './moves';
import { RemoveRows } from './remove-rows';
import { placeActions, rowActions } from './row-actions';
import { StatusLine } from './status-line';
import { Facts, HeaderActions } from './structure-header';
import styles from './structure-page.module.css';
import { Toolbar } from './toolbar';
import { Tree, type Goal } from './tree';
import { useLiveRows, usePastRows } from './use-rows';
import { useMarks } from './use-marks';
import { useMoves } from './use-moves';

type Asked =
  | { what: 'add'; beside: TreeRow | null; at: Where }
  | { what: 'remove'; row: TreeRow }
  | { what: 'edit' | 'delete' };

/** What was said of a row, until something else happens. */
interface Said {
  text: string;
  version: number | null;
}

/** A structure that is there. */
export function StructureView({ structure }: { structure: Structure }) {
  const live = useLiveRows(structure.id);
  const [version, setVersion] = useState<Version | null>(null);
  const past = usePastRows(structure.id, version?.version ?? null);
  const rows = past ?? live;
  useSyncExternalStore(rows.listen, rows.seen);
  useSyncExternalStore(live.listen, live.seen);

  const [active, setActive] = useState<string | null>(null);
  const [goal, setGoal] = useState<Goal | null>(null);
  const [wanted, setWanted] = useState('');
  const [said, setSaid] = useState<Said | null>(null);
  const [asked, setAsked] = useState<Asked | null>(null);
  const [showHistory, setShowHistory] = useState(false);
  const [picking, setPicking] = useState<TreeRow | null>(null);
  const [menuOf, setMenuOf] = useState<TreeRow | null>(null);
  const anchor = useRef<Element>(null);
  const say = useCallback((text: string) => setSaid({ text, version: live.version }), [live]);
  const { step, move, undo } = useMoves(live, say);
  const markOf = useMarks(structure.id, live, past && version);

  const goTo = useCallback((id: string) => {
    setActive(id);
    setGoal({ id });
  }, []);
  const close = () => setAsked(null);
  const choose = (next: Version | null) => {
    setPicking(null);
    setVersion(next);
  };

  const mayEdit = structure.viewerAccess !== 'VIEW';
  const editable = mayEdit && !past && live.phase === 'ready';
  const actions = (
    <HeaderActions
      structure={structure}
      canAdd={editable}
      onAdd={() =>
        setAsked({ what: 'add', beside: live.forest.find(active ?? '') ?? null, at: 'end' })
      }
      showHistory={showHistory}
      onHistory={() => setShowHistory(!showHistory)}
      onEdit={() => setAsked({ what: 'edit' })}
      onDelete={() => setAsked({ what: 'delete' })}
    />
  );
  const frame = {
    title: structure.name,
    crumbs: [{ to: routes.structures(), text: 'Structures' }],
  };
  if (live.phase === 'missing') {
    return (
      <Page {...frame}>
        <Missing
          what="structure any more"
          actions={<ButtonLink to={routes.structures()}>All structures</ButtonLink>}
        />
      </Page>
    );
  }

  const place = async (row: TreeRow, target: TreeRow, side: Side) => {
    const position = sideOf(live.forest, row, target, side);
    setPicking(null);
    if (position && (await move(row.id, position))) goTo(row.id);
  };
  const menu = menuOf
    ? picking
      ? placeActions(live.forest, picking, menuOf, (side) => void place(picking, menuOf, side))
      : rowActions(live.forest, menuOf, {
          onStep: (to) => void takeStep(menuOf, to),
          onMove: () => setPicking(menuOf),
          onAdd: () => setAsked({ what: 'add', beside: menuOf, at: 'under' }),
          onRemove: () => setAsked({ what: 'remove', row: menuOf }),
        })
    : [];
  async function takeStep(row: TreeRow, to: Step) {
    if (await step(row.id, to)) goTo(row.id);
  }

  return (
    <div className={styles.page}>
      <Page {...frame} lead={<Facts structure={structure} />} actions={actions} wide>
        <div className={styles.sheet}>
          <div className={styles.content}>
            <Toolbar
              rows={rows}
              active={active}
              wanted={wanted}
              onWanted={setWanted}
              onFound={(row) => goTo(row.id)}
            />
            <Banner
              version={version}
              picking={picking}
              onNow={() => choose(null)}
              onCancel={() => setPicking(null)}
            />
            {rows.phase === 'failed' && rows.error ? (
              <Failure error={rows.error} onRetry={() => rows.start()} />
            ) : rows.phase === 'reading' && rows.forest.size === 0 ? (
              <Loading lines={10} label="Loading the rows" />
            ) : rows.forest.size === 0 ? (
              <Empty
                icon={FolderPlus}
                title="No rows yet"
                actions={
                  editable && (
                    <Button
                      look="primary"
                      onPress={() => setAsked({ what: 'add', beside: null, at: 'end' })}
                    >
                      Add rows
                    </Button>
                  )
                }
              >
                Add issues and folders by hand, or let a synchronizer fill the structure.
              </Empty>
            ) : (
              <Tree
                key={version?.version ?? 'now'}
                rows={rows}
                label={structure.name}
                editable={editable}
                hasMenu={editable}
                active={active}
                onActive={setActive}
                goal={goal}
                wanted={wanted}
                markOf={markOf}
                picking={picking}
                onStep={(row, to) => void takeStep(row, to)}
                onDrop={(row, position) => void move(row.id, position)}
                onMenu={(row, element) => {
                  if (!editable || (picking && live.forest.isWithin(row, picking))) return;
                  anchor.current = element;
                  setMenuOf(row);
                }}
                onRemove={(row) => setAsked({ what: 'remove', row })}
                onUndo={() => void undo()}
                onEscape={() => setPicking(null)}
              />
            )}
            <StatusLine rows={rows} said={said?.version === live.version ? said.text : ''} />
          </div>
          {showHistory && (
            <HistoryPanel
              structureId={structure.id}
              newest={live.version}
              chosen={version?.version ?? null}
              onChoose={choose}
              onClose={() => setShowHistory(false)}
            />
          )}
        </div>
        <AnchoredMenu
          label={menuOf ? `Actions for ${nameOf(menuOf.item)}` : 'Actions'}
          actions={menu}
          isOpen={menuOf !== null}
          onClose={() => setMenuOf(null)}
          anchor={anchor}
        />
        {asked?.what === 'add' && (
          <AddRows
            rows={live}
            beside={asked.beside}
            at={asked.at}
            onClose={close}
            onAdded={(id) => {
              close();
              goTo(id);
            }}
          />
        )}
        {asked?.what === 'remove' && <RemoveRows rows={live} row={asked.row} onClose={close} />}
        {asked?.what === 'edit' && <EditStructure structure={structure} onClose={close} />}
        {asked?.what === 'delete' && (
          <DeleteStructure structure={structure} rowCount={live.total} onClose={close} />
        )}
      </Page>
    </div>
  );
}
