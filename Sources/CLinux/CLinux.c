// Compiled so that the module has an object file; the shims are inline in the header.
