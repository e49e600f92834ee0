//! Lists in pages: Relay connections with a count that is only made when it is asked for.
//!
//! Lists say how they are read; here is what all of them share: how long a page may be, which
//! arguments go together, and what a page looks like.

use super::cursor::Cursor;
use super::error::{ApiError, Result};
use super::quick::{Edges, Nodes, PageItem};
use async_graphql::{Object, OutputType, SimpleObject, TypeName};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use std::borrow::Cow;

/// Items of a page unless the client asks for another number.
const DEFAULT_LENGTH: usize = 50;
/// Items of a page at the most.
pub(crate) const LONGEST_PAGE: usize = 500;

/// The length of a page that goes forwards.
pub(crate) fn length(first: Option<i32>) -> Result<usize> {
    accept("first", first)
}

/// Which page of a list that can be read from both ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Window {
    /// Items at the most.
    pub(crate) length: usize,
    /// Whether they are taken from the end.
    pub(crate) backwards: bool,
}

impl Window {
    /// From `first` or `last`, which exclude each other.
    pub(crate) fn new(first: Option<i32>, last: Option<i32>) -> Result<Self> {
        match (first, last) {
            (Some(_), Some(_)) => Err(ApiError::bad_input(
                "`first` and `last` exclude each other: give one of them.",
            )),
            (None, Some(last)) => Ok(Self {
                length: accept("last", Some(last))?,
                backwards: true,
            }),
            (first, None) => Ok(Self {
                length: length(first)?,
                backwards: false,
            }),
        }
    }
}

fn accept(name: &str, value: Option<i32>) -> Result<usize> {
    let Some(value) = value else {
        return Ok(DEFAULT_LENGTH);
    };
    usize::try_from(value)
        .ok()
        .filter(|&length| length <= LONGEST_PAGE)
        .ok_or_else(|| {
            let message = format!("`{name}` is {value}: expected 0 to {LONGEST_PAGE}.");
            ApiError::bad_input(message)
        })
}

/// Where a page lies in its list.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct PageInfo {
    /// Whether items follow the last of this page.
    has_next_page: bool,
    /// Whether items precede the first of this page.
    has_previous_page: bool,
    /// The cursor of the first item; null on an empty page.
    start_cursor: Option<String>,
    /// The cursor of the last item; null on an empty page.
    end_cursor: Option<String>,
}

type Count = Box<dyn Fn() -> BoxFuture<'static, Result<i64>> + Send + Sync>;

/// A page of a list.
pub(crate) struct Connection<N: OutputType> {
    edges: Vec<Edge<N>>,
    page_info: PageInfo,
    count: Count,
}

/// One item of a page.
pub(crate) struct Edge<N: OutputType> {
    cursor: Cursor,
    node: N,
}

impl<N: OutputType> Connection<N> {
    /// A page that goes forwards. `items` may hold one more than `length`: then others follow.
    /// `count` counts the whole list, should the client want to know.
    pub(crate) fn forwards<F>(
        mut items: Vec<(Cursor, N)>,
        length: usize,
        has_previous: bool,
        count: impl Fn() -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = Result<i64>> + Send + 'static,
    {
        let has_next = items.len() > length;
        items.truncate(length);
        Self::new(items, has_next, has_previous, count)
    }

    /// A page of items, with what lies around it.
    pub(crate) fn new<F>(
        items: Vec<(Cursor, N)>,
        has_next_page: bool,
        has_previous_page: bool,
        count: impl Fn() -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = Result<i64>> + Send + 'static,
    {
        let cursor = |item: Option<&(Cursor, N)>| item.map(|(cursor, _)| cursor.text());
        Self {
            page_info: PageInfo {
                has_next_page,
                has_previous_page,
                start_cursor: cursor(items.first()),
                end_cursor: cursor(items.last()),
            },
            edges: items
                .into_iter()
                .map(|(cursor, node)| Edge { cursor, node })
                .collect(),
            count: Box::new(move || count().boxed()),
        }
    }
}

/// A page of a list.
#[Object(name_type)]
impl<N: PageItem> Connection<N> {
    /// The items with their cursors.
    async fn edges(&self) -> Edges<'_, N> {
        Edges(&self.edges)
    }

    /// The items.
    async fn nodes(&self) -> Nodes<'_, N> {
        Nodes(self.edges.iter().map(Edge::item).collect())
    }

    /// Where the page lies in the list.
    async fn page_info(&self) -> &PageInfo {
        &self.page_info
    }

    /// Items of the whole list, on all pages.
    async fn total_count(&self) -> Result<i64> {
        (self.count)().await
    }
}

impl<N: OutputType> TypeName for Connection<N> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Connection", N::type_name()).into()
    }
}

impl<N: OutputType> Edge<N> {
    pub(super) fn item(&self) -> &N {
        &self.node
    }

    pub(super) fn place(&self) -> &Cursor {
        &self.cursor
    }
}

/// One item of a page.
#[Object(name_type)]
impl<N: OutputType> Edge<N> {
    /// Its place in the list: a page that begins `after` it goes on with the next item.
    async fn cursor(&self) -> String {
        self.cursor.text()
    }

    /// The item.
    async fn node(&self) -> &N {
        &self.node
    }
}

impl<N: OutputType> TypeName for Edge<N> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Edge", N::type_name()).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_has_0_to_500_items_from_one_end() {
        assert_eq!(length(None).unwrap(), 50);
        assert_eq!(length(Some(0)).unwrap(), 0);
        assert_eq!(length(Some(500)).unwrap(), 500);
        for wrong in [-1, 501, i32::MAX] {
            let error = length(Some(wrong)).unwrap_err();
            assert!(format!("{error:?}").contains("0 to 500"));
        }
        assert!(Window::new(None, Some(3)).unwrap().backwards);
        assert!(Window::new(Some(3), Some(3)).is_err());
        assert!(Window::new(None, Some(-3)).is_err());
    }
}
