//! Two things timed in turn, so that a machine that is slow for a while is slow for both.

use serde::{Deserialize, Serialize};

/// What was measured of one case at one size.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Outcome {
    /// Ours, a figure a round.
    pub(crate) ours: Vec<f64>,
    /// The yardstick's, a figure a round.
    pub(crate) yardstick: Vec<f64>,
    /// What the figures count.
    pub(crate) unit: Unit,
    /// The most memory that our process had resident, in bytes.
    pub(crate) peak: Option<u64>,
}

/// What a figure counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Unit {
    /// Time; less is better.
    Seconds,
    /// Requests or deliveries a second; more is better.
    PerSecond,
    /// Memory; less is better.
    Bytes,
}

/// What the ratio of ours to the yardstick is to be.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Target {
    AtMost(f64),
    AtLeast(f64),
}

impl Target {
    pub(crate) fn is_met(self, ratio: f64) -> bool {
        match self {
            Self::AtMost(most) => ratio <= most,
            Self::AtLeast(least) => ratio >= least,
        }
    }
}

impl std::fmt::Display for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::AtMost(most) => write!(f, "≤ {most}"),
            Self::AtLeast(least) => write!(f, "≥ {least}"),
        }
    }
}

impl Outcome {
    pub(crate) fn new(unit: Unit) -> Self {
        Self {
            ours: Vec::new(),
            yardstick: Vec::new(),
            unit,
            peak: None,
        }
    }

    /// Notes how much memory our process had at the most.
    pub(crate) fn saw_peak(&mut self, peak: u64) {
        self.peak = self.peak.max(Some(peak));
    }

    /// The median of the ratios, round by round.
    pub(crate) fn ratio(&self) -> f64 {
        let pairs = self.ours.iter().zip(&self.yardstick);
        median(&pairs.map(|(ours, other)| ours / other).collect::<Vec<_>>())
    }
}

/// The figure in the middle.
pub(crate) fn median(figures: &[f64]) -> f64 {
    quantile(figures, 0.5)
}

/// The figure that a share of all are no larger than.
pub(crate) fn quantile(figures: &[f64], share: f64) -> f64 {
    let mut figures = figures.to_vec();
    figures.sort_unstable_by(f64::total_cmp);
    let last = figures.len().saturating_sub(1);
    figures
        .get((last as f64 * share).round() as usize)
        .copied()
        .unwrap_or(f64::NAN)
}
