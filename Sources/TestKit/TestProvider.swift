// What tests of several targets share: clocks that are moved by hand, and servers in the process of the test. Read
// `FederationWorld` first. Linked by Tests alone.
