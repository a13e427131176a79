//go:build tools

// The Google Cloud Storage of the tests, pinned by go.mod and go.sum. A module of its own: what it
// needs is newer than what Toxiproxy allows.
package tools

import _ "github.com/fsouza/fake-gcs-server"
