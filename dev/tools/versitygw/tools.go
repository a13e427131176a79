//go:build tools

// The S3 server of the tests, pinned by go.mod and go.sum. A module of its own: what it needs is newer
// than what Toxiproxy allows.
package tools

import _ "github.com/versity/versitygw/cmd/versitygw"
