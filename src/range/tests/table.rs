//! The table of the wire and the handlers agree.

use crate::range::services::find;
use crate::range::wire::operations;

#[test]
fn every_operation_of_the_wire_has_a_handler() {
    let missing: Vec<_> = operations().filter(|(service, operation)| find(*service, operation).is_none()).collect();
    assert_eq!(missing, []);
}
