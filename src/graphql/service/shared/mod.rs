//! Subscriptions that are executed once for all who ask the same.
//!
//! A thousand people who watch one job would each execute their own subscription at each of its
//! snapshots. Here those who ask in the same words and with the same rights form a crowd: one task
//! executes for them and shows the latest answer, and each takes it when they can. So who is slow
//! holds nobody and costs no memory, and misses answers in between, never the last. It suits streams
//! of which the latest state is all that counts, and no others.
//!
//! Who joins is to see the state as it stands at that moment, not what was last told of it. The
//! stream is asked to look again (see [`Joiners`]), and the newcomer takes no answer from before.
//! Counting, spans and limits stay with each listener.

mod crowd;
mod forms;
mod joiners;

use futures_util::{Stream, stream};

use self::crowd::Listener;
pub(crate) use self::joiners::Joiners;
pub(super) use self::{crowd::Crowds, forms::Forms};
use super::{Answer, Outcome, Prepared, Service, observer::Running};
use crate::domain::Viewer;

/// The answers to a subscription that others may listen to as well.
pub(super) fn listen(
    service: Service,
    prepared: Prepared,
    viewer: Viewer,
) -> impl Stream<Item = Answer> + Send {
    let running = service.begin(&prepared, &viewer);
    let listening = Listening {
        service,
        running,
        place: Place::Outside(Box::new((prepared, viewer))),
    };
    stream::unfold(Some(listening), |listening| async move {
        let mut listening = listening?;
        let answer = listening.next().await?;
        let goes_on = answer.outcome() == Outcome::Executed;
        Some((answer, goes_on.then_some(listening)))
    })
}

struct Listening {
    service: Service,
    running: Running,
    place: Place,
}

enum Place {
    /// Not yet answered: what is asked, and by whom.
    Outside(Box<(Prepared, Viewer)>),
    Inside(Listener),
}

impl Listening {
    async fn next(&mut self) -> Option<Answer> {
        let answer = match &mut self.place {
            Place::Inside(listener) => listener.next().await?,
            Place::Outside(asked) => {
                let (listener, answer) = loop {
                    let mut listener = self.service.join(&asked.0, &asked.1);
                    match listener.next().await {
                        Some(answer) => break (listener, answer),
                        None if listener.came_too_late() => {}
                        None => return None,
                    }
                };
                self.place = Place::Inside(listener);
                answer
            }
        };
        Some(self.running.answered(answer))
    }
}
