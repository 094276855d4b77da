//! Lists of texts or integers; their elements are plain.

use std::io::Result;

use parquet::basic::Encoding;

use crate::decode::columns::lists::{Elements, Lists};
use crate::part::encode::bits::{levels, same_levels};
use crate::part::encode::chunk::Chunk;
use crate::part::encode::encoder::Encoder;
use crate::part::encode::pages::PageKind;

/// As for other texts; lists are short, so that a page of as many rows is too.
const PAGE_BYTES: usize = 1 << 20;
const PAGE_ROWS_MAX: usize = 20_000;

/// Definition levels of a list: NULL, empty, and with an element.
const EMPTY: u32 = 1;
const ELEMENT: u32 = 3;
const DEFINITION_WIDTH: u32 = 2;

impl Encoder {
    /// `element` appends an element to a page, as PLAIN has it.
    pub fn list<V: Elements>(
        &mut self,
        lists: &Lists<V>,
        order: &[u32],
        element: impl Fn(&V, usize, &mut Vec<u8>),
    ) -> Result<Chunk> {
        self.begin();
        let (mut values, mut elements, mut at) = (0, 0, 0);
        while at == 0 || at < order.len() {
            self.page.clear();
            let mut content = std::mem::take(&mut self.dictionary);
            let (mut repeated, mut defined) = (Vec::new(), Vec::new());
            let end = order.len().min(at + PAGE_ROWS_MAX);
            let begin = at;
            while at < end && content.len() < PAGE_BYTES {
                let row = order[at] as usize;
                let span = lists.span(row);
                if span.is_empty() {
                    repeated.push(0);
                    defined.push(EMPTY * u32::from(lists.rows.holds(row)));
                }
                for place in span.clone() {
                    repeated.push(u32::from(place > span.start));
                    defined.push(ELEMENT);
                    element(&lists.values, place, &mut content);
                }
                elements += span.len();
                at += 1;
            }
            if elements == 0 {
                same_levels(&mut self.page, 0, repeated.len());
            } else {
                levels(&mut self.page, &repeated, 1);
            }
            levels(&mut self.page, &defined, DEFINITION_WIDTH);
            self.page.extend_from_slice(&content);
            content.clear();
            self.dictionary = content;
            if begin == 0 {
                self.pages.begin(&[], 0, self.page.len())?;
            }
            self.pages
                .put(PageKind::Data, &self.page, defined.len(), Encoding::PLAIN)?;
            values += defined.len();
            if order.is_empty() {
                break;
            }
        }
        let nulls = values - elements;
        let mut chunk = self.finished(order.len(), values, nulls, Encoding::PLAIN, false, None);
        // What the statistics of elements say is another thing than that of rows.
        chunk.has_statistics = false;
        Ok(chunk)
    }
}
