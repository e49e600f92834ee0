// The kinds of synchronizers, to choose one.

import { TriangleAlert } from 'lucide-react';
import { routes } from '../../app/routes';
import { ButtonLink } from '../../ui/button';
import { DIRECTIONS, SYNCHRONIZER_KINDS } from '../../words/words';
import styles from './kind-cards.module.css';
import { ALL_KINDS, KINDS } from './kinds';
import { KIND_DIRECTIONS } from './rule';

/** A card for each kind. */
export function KindCards({ structureId }: { structureId: string }) {
  return (
    <ul className={styles.cards}>
      {ALL_KINDS.map((kind) => {
        const { icon: Icon, about, cautions } = KINDS[kind];
        return (
          <li key={kind} className={styles.card}>
            <div className={styles.head}>
              <span className={styles.icon}>
                <Icon aria-hidden="true" />
              </span>
              <h2>{SYNCHRONIZER_KINDS[kind]}</h2>
            </div>
            <p>{about}</p>
            <ul className={styles.cautions} aria-label="Beware">
              {cautions.map((caution) => (
                <li key={caution}>
                  <TriangleAlert aria-hidden="true" />
                  {caution}
                </li>
              ))}
            </ul>
            <div className={styles.foot}>
              <span className={styles.directions}>
                {KIND_DIRECTIONS[kind].map((direction) => (
                  <span key={direction}>{DIRECTIONS[direction]}</span>
                ))}
              </span>
              <ButtonLink
                to={routes.install(structureId, kind)}
                look="primary"
                aria-label={`Choose ${SYNCHRONIZER_KINDS[kind]}`}
              >
                Choose
              </ButtonLink>
            </div>
          </li>
        );
      })}
    </ul>
  );
}
