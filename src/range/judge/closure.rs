//! Every credential that the adversary holds or could get at a moment.
