//! The report for machines that count tests.

use std::fmt::Write as _;

use super::{Report, html::escaped, markdown::cells};
use crate::selftest::criteria::Verdict;

pub fn write(report: &Report) -> String {
    let failed_rows = report
        .criteria
        .iter()
        .filter(|row| row.verdict == Verdict::Fail)
        .count();
    let failed = failed_rows
        + report
            .faults
            .iter()
            .filter(|fault| !fault.is_fine())
            .count();
    let skipped = report
        .criteria
        .iter()
        .filter(|row| row.verdict == Verdict::NotMeasured)
        .count();
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"self-test {}\" tests=\"{}\" failures=\"{failed}\" skipped=\"{skipped}\" time=\"{:.3}\">\n",
        escaped(&report.scenario),
        report.criteria.len() + report.faults.len(),
        report.seconds
    );
    // Writing to a String cannot fail.
    for row in &report.criteria {
        let figure = escaped(&format!("limit {}, figure {}", row.limit, row.figure));
        let within = match row.verdict {
            Verdict::Pass => String::new(),
            Verdict::Fail => format!("<failure message=\"{figure}\"/>"),
            Verdict::NotMeasured => format!("<skipped message=\"{figure}\"/>"),
        };
        let name = escaped(&row.title());
        let _ = writeln!(
            text,
            "  <testcase classname=\"criteria\" name=\"{name}\">{within}</testcase>"
        );
    }
    for fault in &report.faults {
        let within = if fault.is_fine() {
            String::new()
        } else {
            let [told, _, recovered, left] = cells(fault);
            let message = escaped(&format!(
                "told {told}, recovered {recovered}, left over: {left}"
            ));
            format!("<failure message=\"{message}\"/>")
        };
        let name = escaped(&fault.fault);
        let _ = writeln!(
            text,
            "  <testcase classname=\"faults\" name=\"{name}\">{within}</testcase>"
        );
    }
    text + "</testsuite>\n"
}
