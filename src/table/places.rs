//! The places of one repeated fault: the first five and the count, however many there are.

/// Rows or lines, in rising order.
#[derive(Debug, Default)]
pub(super) struct Places {
    first: Vec<usize>,
    count: usize,
}

impl Places {
    const SHOWN: usize = 5;

    pub(super) fn add(&mut self, place: usize) {
        if self.first.len() < Self::SHOWN {
            self.first.push(place);
        }
        self.count += 1;
    }

    pub(super) fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// "row 3" or "rows 3, 5, 8 and 12 more (counted from 0)".
    pub(super) fn rows(&self) -> String {
        format!("{} (counted from 0)", self.list("row"))
    }

    fn list(&self, word: &str) -> String {
        let shown: Vec<String> = self.first.iter().map(ToString::to_string).collect();
        let plural = if self.count == 1 { "" } else { "s" };
        let more = match self.count - self.first.len() {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        format!("{word}{plural} {}{more}", shown.join(", "))
    }

    /// A fault at the first line, which lists the others if there are any.
    #[cfg(feature = "csv")]
    pub(super) fn fault(&self, what: &str) -> crate::error::Fault {
        let what = if self.count > 1 { format!("{what}, {}", self.list("line")) } else { what.to_owned() };
        let fault = crate::error::Fault::new(what);
        match self.first.first() {
            Some(&line) => fault.line(line),
            None => fault,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Places;

    #[test]
    fn five_are_shown_and_the_rest_counted() {
        let mut places = Places::default();
        places.add(4);
        assert_eq!(places.rows(), "row 4 (counted from 0)");
        for row in 5..12 {
            places.add(row);
        }
        assert_eq!(places.rows(), "rows 4, 5, 6, 7, 8 and 3 more (counted from 0)");
    }
}
