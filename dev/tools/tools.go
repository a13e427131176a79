//go:build tools

// Programs of the tests that Debian does not package, pinned by go.mod and go.sum.
package tools

import _ "github.com/Shopify/toxiproxy/v2/cmd/server"
