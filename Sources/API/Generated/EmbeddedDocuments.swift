// Written by `embed` from openapi.yaml and README.md. Not to be edited.

/// Documents compiled in, so that the binary needs no files beside it.
package enum EmbeddedDocuments {
    /// The description of the REST API.
    package static let openAPI: String = #"""
openapi: 3.1.0
info:
  title: orgd
  version: 0.1.0
paths: {}

"""#

    /// What this program is, for people.
    package static let readMe: String = #"""

"""#
}
