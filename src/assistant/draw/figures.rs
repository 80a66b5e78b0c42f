//! Times as people read them, and the ticks of a time axis.

use std::time::Duration;

/// A measured time, as exact as it is worth: `2.00 s`, `213 ms`, `0.6 ms`, `<0.1 ms`.
pub fn figure(time: Duration) -> String {
    let millis = time.as_secs_f64() * 1000.0;
    if millis >= 999.5 {
        format!("{:.2} s", millis / 1000.0)
    } else if millis >= 9.95 {
        format!("{millis:.0} ms")
    } else if millis >= 0.05 {
        format!("{millis:.1} ms")
    } else {
        "<0.1 ms".to_owned()
    }
}

/// The same for a sentence that is read aloud: `less than 0.1 ms`.
pub fn spoken(time: Duration) -> String {
    figure(time).replace('<', "less than ")
}

/// A time from the command line, in seconds: `2 s`, `0.25 s`.
pub fn chosen(time: Duration) -> String {
    format!("{} s", time.as_secs_f64())
}

/// The ticks from 0 to `span`, at most `most` steps, each with its label: `0 s`, `0.5 s`, ….
pub fn ticks(span: Duration, most: u32) -> Vec<(Duration, String)> {
    let steps = (0..7).flat_map(|power| [1, 2, 5].map(|digit| digit * 10_u64.pow(power)));
    let fits = |step: &u64| span <= Duration::from_millis(*step) * most.max(1);
    let step = steps.into_iter().find(fits).unwrap_or(10_000_000);
    let digits = [1000, 100, 10].into_iter().position(|unit| step % unit == 0).unwrap_or(3);
    let times = (1..).map(|number| Duration::from_millis(number * step));
    let labelled = |time: Duration| (time, format!("{:.digits$} s", time.as_secs_f64()));
    let zero = [(Duration::ZERO, "0 s".to_owned())];
    zero.into_iter().chain(times.take_while(|time| *time <= span).map(labelled)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_as_exact_as_they_are_worth() {
        let shown = |micros| figure(Duration::from_micros(micros));
        assert_eq!(shown(2_004_000), "2.00 s");
        assert_eq!(shown(999_600), "1.00 s");
        assert_eq!(shown(213_400), "213 ms");
        assert_eq!(shown(9_960), "10 ms");
        assert_eq!(shown(640), "0.6 ms");
        assert_eq!(shown(40), "<0.1 ms");
        assert_eq!(chosen(Duration::from_millis(250)), "0.25 s");
        assert_eq!(chosen(Duration::from_secs(2)), "2 s");
    }

    #[test]
    fn ticks_are_round_numbers() {
        let labels = |millis, most| {
            let ticks = ticks(Duration::from_millis(millis), most);
            ticks.into_iter().map(|(_, label)| label).collect::<Vec<_>>()
        };
        assert_eq!(labels(2200, 5), ["0 s", "0.5 s", "1.0 s", "1.5 s", "2.0 s"]);
        assert_eq!(labels(220, 5), ["0 s", "0.05 s", "0.10 s", "0.15 s", "0.20 s"]);
        assert_eq!(labels(11_000, 3), ["0 s", "5 s", "10 s"]);
        assert_eq!(labels(0, 3), ["0 s"]);
    }
}
