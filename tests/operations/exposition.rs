//! Reads what Prometheus reads, as strictly as its own checker does.

use std::collections::BTreeMap;

/// The samples of an exposition by name and labels, as they are written.
pub(super) type Samples = BTreeMap<String, f64>;

/// Reads the text format; panics at whatever a scraper or its linter would complain about.
pub(super) fn read(text: &str) -> Samples {
    let mut samples = Samples::new();
    let mut types: BTreeMap<&str, &str> = BTreeMap::new();
    let (mut help, mut family) = (None, None);
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("# HELP ") {
            let (name, meaning) = rest.split_once(' ').expect(line);
            assert!(meaning.len() > 5, "no help: {line}");
            help = Some(name);
        } else if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').expect(line);
            assert_eq!(help, Some(name), "HELP comes before TYPE: {line}");
            assert!(["counter", "gauge", "histogram"].contains(&kind), "{line}");
            assert_eq!(kind == "counter", name.ends_with("_total"), "{line}");
            assert!(types.insert(name, kind).is_none(), "twice: {line}");
            family = Some((name, kind));
        } else {
            let (series, value) = line.rsplit_once(' ').expect(line);
            let name = series.split('{').next().unwrap();
            let (family, kind) = family.expect("a TYPE before the first sample");
            match kind {
                "histogram" => {
                    let suffix = name.strip_prefix(family).expect(line);
                    assert!(["_bucket", "_sum", "_count"].contains(&suffix), "{line}");
                    assert!(family.ends_with("_seconds"), "without a unit: {line}");
                }
                _ => assert_eq!(name, family, "{line}"),
            }
            let value = value.parse().expect(line);
            assert!(samples.insert(series.to_owned(), value).is_none(), "{line}");
        }
    }
    samples
}

/// The sum of all samples of a name whose labels hold each of the given ones.
pub(super) fn sum(samples: &Samples, name: &str, labels: &[&str]) -> f64 {
    let of_name = samples.iter().filter(|(series, _)| {
        series.split('{').next() == Some(name) && labels.iter().all(|it| series.contains(it))
    });
    of_name.map(|(_, value)| value).sum()
}
