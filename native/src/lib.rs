//! The fast decoder of Logpush lines and the writer of parts, as a Python module; and a reader of few rows.
//!
//! It decodes lines with exactly the results of the Python decoder. Lines that it cannot decode with
//! certainty are returned as "referred" for the Python decoder. The GIL is released while lines are
//! read, while parts are written, and while rows are looked for.

mod decode;
mod hashes;
mod part;
mod reader;

use pyo3::prelude::*;

/// The same as in `native/__init__.py`. Both are raised with each change of what Python calls.
const INTERFACE: u32 = 2;

#[pymodule]
fn _native(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("INTERFACE", INTERFACE)?;
    module.add_class::<decode::module::Plan>()?;
    module.add_class::<decode::module::Block>()?;
    module.add_class::<decode::module::Report>()?;
    module.add_class::<part::module::Group>()?;
    module.add_class::<part::writer_module::PartWriter>()?;
    module.add_class::<reader::Reader>()?;
    module.add_function(wrap_pyfunction!(decode::walk::count_newlines, module)?)?;
    module.add_function(wrap_pyfunction!(decode::walk::walk, module)?)?;
    module.add_function(wrap_pyfunction!(hashes::row_hashes, module)?)?;
    Ok(())
}
