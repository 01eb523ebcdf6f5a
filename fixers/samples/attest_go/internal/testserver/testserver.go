// Package testserver is a peer for the tests of other packages.
package testserver

import (
	"encoding/json"
	"net"
	"net/http"
	"testing"
)

// Start answers every request with its own body until the test ends; it returns the address.
func Start(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", ":0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: http.HandlerFunc(echo)}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	return listener.Addr().String()
}

func echo(w http.ResponseWriter, r *http.Request) {
	var said any
	_ = json.NewDecoder(r.Body).Decode(&said)
	_ = json.NewEncoder(w).Encode(said)
}
