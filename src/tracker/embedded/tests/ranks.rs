//! The global order: what is ranked stands where it was put, with the fewest writes, and ranks stay
//! short for good.

use super::*;
use crate::domain::{RankPlace, fractional};
use crate::store::{catalog, issue_rows, params};
use crate::tracker::embedded::rank::LONGEST;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use std::collections::HashSet;

const AUTHOR: Author = Author::User(UserId(1));

/// A tracker with nothing but issues `P-1` to `P-count`, without ranks.
struct Ranks {
    store: Store,
    _dir: TempDir,
}

impl Ranks {
    async fn new(count: i64) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = Clock::new(|| Millis(START));
        let store = Store::open(&dir.path().join("test.db"), clock)
            .await
            .unwrap();
        let ranks = Self { store, _dir: dir };
        ranks
            .write(move |tx| {
                let project = catalog::ensure_project(tx, "P", None)?;
                tx.execute(
                    "INSERT INTO issue_type (id, name, sub_task, epic) VALUES (1, 'Task', 0, 0)",
                    &[],
                )?;
                tx.execute(
                    "INSERT INTO status (id, name, category) VALUES (1, 'Open', 'TO_DO')",
                    &[],
                )?;
                tx.execute(
                    "WITH RECURSIVE n (id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n WHERE id < ?)
                     INSERT INTO issue (id, key, project_id, number, type_id, status_id, summary,
                                        created_at, updated_at)
                     SELECT id, 'P-' || id, ?, id, 1, 1, '', 0, 0 FROM n",
                    params![count, project.0],
                )?;
                Ok(())
            })
            .await;
        ranks
    }

    async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Tx<'_>) -> Result<T, Failure> + Send + 'static,
    ) -> T {
        self.store.write(work).await.unwrap()
    }

    /// Ranks that are refused change nothing.
    async fn refused(&self, ranking: Ranking) -> Refusal {
        let head = self.store.read(issues::last_change).await.unwrap();
        let done = self
            .store
            .write(move |tx| rank_issues(tx, &ranking, AUTHOR))
            .await;
        assert_eq!(self.store.read(issues::last_change).await.unwrap(), head);
        match done {
            Err(Failure::Refused(refusal)) => refusal,
            other => panic!("{other:?}"),
        }
    }
}

/// Gives issues 1, 2 … these ranks, as if they had always had them; the others have none.
fn place(tx: &Tx<'_>, ranks: &[Option<String>]) -> Result<(), StoreError> {
    tx.execute("UPDATE issue SET rank = NULL, updated_at = 0", &[])?;
    for (issue, rank) in (1..).zip(ranks) {
        issue_rows::set_rank(tx, IssueId(issue), rank.as_deref())?;
    }
    Ok(())
}

/// The order that a query shows, and how many of its issues have a rank.
fn order(tx: &Tx<'_>) -> Result<(Vec<i64>, usize), StoreError> {
    let sql = "SELECT id, rank IS NULL FROM issue ORDER BY rank NULLS LAST, id";
    let found: Vec<(i64, bool)> = tx.query(sql, &[], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let ranked = found.iter().filter(|(_, unranked)| !unranked).count();
    Ok((found.into_iter().map(|(id, _)| id).collect(), ranked))
}

fn ranking(keys: &[i64], before: Option<i64>, after: Option<i64>) -> Ranking {
    let key = |id: i64| format!("P-{id}");
    Ranking {
        keys: keys.iter().copied().map(key).collect(),
        before: before.map(key),
        after: after.map(key),
    }
}

fn rank_of(tx: &Tx<'_>, issue: i64) -> Result<Option<String>, StoreError> {
    issue_rows::find_rank(tx, IssueId(issue))
}

/// Up to 35 ranks as crowded as they get: none that is short enough lies between any two of them.
fn crowded(count: usize) -> Vec<String> {
    let prefix = format!("a0{}", "V".repeat(LONGEST - 3));
    let digits = ('1'..='9').chain('A'..='Z').take(count);
    digits.map(|digit| format!("{prefix}{digit}")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_order_is_what_a_list_would_be() {
    const COUNT: usize = 9;
    let world = Ranks::new(COUNT as i64).await;
    // Some issues without a rank, some with the same one, some with no room in between.
    let start = proptest::collection::vec(0..16usize, COUNT);
    let moves = (
        proptest::sample::subsequence((1..=COUNT as i64).collect::<Vec<_>>(), 2..=5).prop_shuffle(),
        any::<bool>(),
    );
    let strategy = (start, proptest::collection::vec(moves, 1..12));
    let mut runner = TestRunner::new(Config::with_cases(400));
    let run = |(start, moves): (Vec<usize>, Vec<(Vec<i64>, bool)>)| {
        let done = world.write(move |tx| {
            let mut ranks = crowded(10);
            ranks.extend(["a0", "a1", "Zz"].map(str::to_owned));
            let ranks: Vec<_> = start.iter().map(|at| ranks.get(*at).cloned()).collect();
            place(tx, &ranks)?;
            for (issues, before) in moves {
                let (mut expected, mut ranked) = order(tx)?;
                let (anchor, keys) = issues.split_last().expect("two at least");
                let at = expected.iter().position(|id| id == anchor).unwrap();
                if at >= ranked {
                    expected.remove(at);
                    expected.insert(ranked, *anchor);
                    ranked += 1;
                }
                let had = expected[..ranked].iter().filter(|id| keys.contains(id));
                ranked += keys.len() - had.count();
                expected.retain(|id| !keys.contains(id));
                let at = expected.iter().position(|id| id == anchor).unwrap();
                let at = at + usize::from(!before);
                expected.splice(at..at, keys.iter().copied());
                let (before, after) = (before.then_some(*anchor), (!before).then_some(*anchor));
                let ids = rank_issues(tx, &ranking(keys, before, after), AUTHOR)?;
                assert_eq!(ids, keys.iter().copied().map(IssueId).collect::<Vec<_>>());
                assert_eq!(order(tx)?, (expected, ranked));
            }
            Ok(())
        });
        tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(done));
        Ok(())
    };
    runner.run(&strategy, run).unwrap();
}

/// The fewest of the named issues that have to move, found by trying all sets of them.
fn fewest(current: &[i64], wanted: &[i64], named: usize) -> usize {
    (0u32..1 << named)
        .filter(|moved| {
            let stays =
                |id: &&i64| !(1..=named as i64).contains(*id) || moved >> (**id - 1) & 1 == 0;
            current.iter().filter(stays).eq(wanted.iter().filter(stays))
        })
        .map(u32::count_ones)
        .min()
        .expect("all may move") as usize
}

fn permutations(of: usize) -> Vec<Vec<i64>> {
    if of == 0 {
        return vec![vec![]];
    }
    let mut all = Vec::new();
    for shorter in permutations(of - 1) {
        for at in 0..of {
            let mut longer = shorter.clone();
            longer.insert(at, of as i64);
            all.push(longer);
        }
    }
    all
}

#[tokio::test]
async fn as_few_ranks_are_written_as_can_be() {
    // Issues up to the sixth are named; 7 is the one beside which they go, 8 and 9 stand about.
    let world = Ranks::new(9).await;
    world
        .write(|tx| {
            for named in 1..=6 {
                for (seed, permutation) in permutations(named).into_iter().enumerate() {
                    let mut current = permutation;
                    for (other, step) in [(7, 1), (8, 3), (9, 5)] {
                        current.insert(seed * step % (current.len() + 1), other);
                    }
                    check_writes(tx, &current, named, seed % 2 == 0)?;
                }
            }
            Ok(())
        })
        .await;
}

fn check_writes(tx: &Tx<'_>, current: &[i64], named: usize, before: bool) -> Result<(), Failure> {
    let mut ranks = vec![None; 9];
    for (id, rank) in current.iter().zip(fractional::between(None, None, 9)) {
        ranks[*id as usize - 1] = Some(rank);
    }
    place(tx, &ranks)?;
    let keys: Vec<i64> = (1..=named as i64).collect();
    let mut wanted: Vec<i64> = current.iter().copied().filter(|id| *id > 6).collect();
    let at = wanted.iter().position(|id| *id == 7).unwrap() + usize::from(!before);
    wanted.splice(at..at, keys.iter().copied());
    let head = issues::last_change(tx)?;
    let request = ranking(&keys, before.then_some(7), (!before).then_some(7));
    rank_issues(tx, &request, AUTHOR)?;
    let (mut found, _) = order(tx)?;
    found.truncate(current.len());
    assert_eq!(found, wanted, "{current:?}");
    let lines = issues::changes(tx, head, i64::MAX)?;
    assert!(
        lines
            .iter()
            .all(|line| line.field.as_deref() == Some("rank"))
    );
    let written: HashSet<IssueId> = lines.iter().map(|line| line.issue).collect();
    assert_eq!(written.len(), lines.len(), "a line an issue");
    assert_eq!(
        written.len(),
        fewest(current, &wanted, named),
        "{current:?}"
    );
    for line in lines {
        let (old, new) = (
            &ranks[line.issue.0 as usize - 1],
            rank_of(tx, line.issue.0)?,
        );
        assert_eq!((&line.before, &line.after), (old, &new));
    }
    Ok(())
}

#[tokio::test]
async fn twenty_thousand_issues_go_into_one_gap_and_ranks_stay_short() {
    const COUNT: i64 = 20_000;
    let world = Ranks::new(COUNT + 2).await;
    world
        .write(|tx| {
            place(tx, &["a0", "a1"].map(|rank| Some(rank.to_owned())))?;
            tx.execute(
                "INSERT INTO counter (name, value) VALUES ('written', 0)",
                &[],
            )?;
            tx.execute(
                "CREATE TRIGGER written AFTER UPDATE OF rank ON issue
                 BEGIN UPDATE counter SET value = value + 1 WHERE name = 'written'; END",
                &[],
            )?;
            let (mut low, mut high) = (1, 2);
            let mut written = 0;
            let mut most = 0;
            for new in 3..=COUNT + 2 {
                // The gap is always beside the newest issue, now on this side and now on that.
                let to = RankPlace::After(IssueId(low));
                let rank = set_rank(tx, IssueId(new), &to, AUTHOR)?.unwrap();
                assert!(rank.len() <= LONGEST, "{rank}");
                match new * new % 7 < 4 {
                    true => low = new,
                    false => high = new,
                }
                let sum = issue_rows::counter(tx, "written")?;
                most = most.max(sum - written);
                written = sum;
            }
            assert!(most <= 2 + 2 * 256, "{most} rows for one move");
            assert!(written < 16 * COUNT, "{written} rows for all moves");
            let next = RankPlace::Before(IssueId(high));
            let (before, _) = order(tx)?;
            set_rank(tx, IssueId(low), &next, AUTHOR)?;
            assert_eq!(order(tx)?.0, before, "it stood there already");
            let lines: i64 = tx.get("SELECT count(*) FROM issue_change", &[], |row| row.get(0))?;
            assert_eq!(lines, COUNT, "a line a move, none for its neighbours");
            let longest: i64 =
                tx.get("SELECT max(length(rank)) FROM issue", &[], |row| row.get(0))?;
            assert!(longest as usize <= LONGEST);
            let distinct: i64 = tx.get("SELECT count(DISTINCT rank) FROM issue", &[], |row| {
                row.get(0)
            })?;
            assert_eq!(distinct, COUNT + 2);
            Ok(())
        })
        .await;
}

#[tokio::test]
async fn making_room_is_no_edit() {
    let world = Ranks::new(31).await;
    world
        .write(|tx| {
            let ranks: Vec<_> = crowded(30).into_iter().map(Some).collect();
            place(tx, &ranks)?;
            let after = set_rank(tx, IssueId(31), &RankPlace::After(IssueId(20)), AUTHOR)?;
            let lines = issues::changes(tx, 0, i64::MAX)?;
            let told: Vec<_> = lines
                .iter()
                .map(|it| (it.issue, it.after.clone()))
                .collect();
            assert_eq!(told, [(IssueId(31), after)]);
            let touched: Vec<i64> =
                tx.query("SELECT id FROM issue WHERE updated_at <> 0", &[], |row| {
                    row.get(0)
                })?;
            assert_eq!(touched, [31]);
            let mut expected: Vec<i64> = (1..=30).collect();
            expected.insert(20, 31);
            assert_eq!(order(tx)?.0, expected);
            assert!(rank_of(tx, 20)?.unwrap().len() < 10);
            Ok(())
        })
        .await;
}

#[tokio::test]
async fn a_rank_that_is_missing_shared_or_taken_is_no_obstacle() {
    let world = Ranks::new(6).await;
    world
        .write(|tx| {
            let text = |rank: &str| Some(rank.to_owned());
            place(
                tx,
                &[text("a0"), text("a1"), text("a1"), text("a2"), None, None],
            )?;
            let put = |issue, to| set_rank(tx, IssueId(issue), &to, AUTHOR);
            // 5 gets the last rank, so that 1 can stand before it; 6 keeps none.
            put(1, RankPlace::Before(IssueId(5)))?;
            assert_eq!(order(tx)?, (vec![2, 3, 4, 1, 5, 6], 5));
            put(4, RankPlace::After(IssueId(2)))?;
            assert_eq!(order(tx)?.0, [2, 4, 3, 1, 5, 6]);
            let head = issues::last_change(tx)?;
            put(4, RankPlace::After(IssueId(2)))?;
            put(4, RankPlace::Before(IssueId(4)))?;
            assert_eq!(issues::last_change(tx)?, head, "nothing changed");

            // Two swap their ranks, one after the other.
            let (of_three, of_six) = (rank_of(tx, 3)?, rank_of(tx, 6)?);
            assert_eq!(put(6, RankPlace::Exactly(of_three.clone()))?, of_three);
            assert_eq!(put(3, RankPlace::Exactly(of_six.clone()))?, of_six);
            put(3, RankPlace::Exactly(of_three.clone()))?;
            assert_eq!(put(6, RankPlace::Exactly(None))?, None);
            assert_eq!(put(6, RankPlace::Exactly(text("Zz")))?, text("Zz"));
            assert_eq!(order(tx)?, (vec![6, 2, 4, 3, 1, 5], 6));
            let head = issues::last_change(tx)?;
            assert_eq!(put(9, RankPlace::Exactly(text("a5")))?, None);
            assert_eq!(issues::last_change(tx)?, head, "there is no such issue");
            Ok(())
        })
        .await;
}

#[tokio::test]
async fn what_cannot_be_ranked_is_refused_at_its_field() {
    let world = Ranks::new(4).await;
    let many = vec![1; 1_001];
    for (request, code, at, says) in [
        (
            ranking(&[1], None, None),
            RefusalCode::Invalid,
            "input",
            "exactly one",
        ),
        (
            ranking(&[1], Some(2), Some(3)),
            RefusalCode::Invalid,
            "input",
            "exactly one",
        ),
        (
            ranking(&[], Some(2), None),
            RefusalCode::Invalid,
            "input.keys",
            "1 to 1000",
        ),
        (
            ranking(&many, Some(2), None),
            RefusalCode::Invalid,
            "input.keys",
            "1 to 1000",
        ),
        (
            ranking(&[1], None, Some(9)),
            RefusalCode::NotFound,
            "input.after",
            "\"P-9\"",
        ),
        (
            ranking(&[1], Some(9), None),
            RefusalCode::NotFound,
            "input.before",
            "\"P-9\"",
        ),
        (
            ranking(&[1, 9], None, Some(3)),
            RefusalCode::NotFound,
            "input.keys.1",
            "\"P-9\"",
        ),
        (
            ranking(&[1, 2, 1], None, Some(3)),
            RefusalCode::Invalid,
            "input.keys.2",
            "twice",
        ),
        (
            ranking(&[1, 3], None, Some(3)),
            RefusalCode::Invalid,
            "input.keys.1",
            "beside",
        ),
    ] {
        let refusal = world.refused(request).await;
        assert_eq!((refusal.code, path(&refusal).as_str()), (code, at));
        assert!(refusal.message.contains(says), "{refusal}");
    }
}
