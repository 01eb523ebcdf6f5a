// Package web is the page.
package web

import "embed"

// Files are the page and its script.
//
//go:embed index.html app.js
var Files embed.FS
