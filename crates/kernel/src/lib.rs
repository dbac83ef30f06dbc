//! numpy-exact random streams and the chain-binomial stepper.
