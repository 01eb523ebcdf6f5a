package PACKAGE

import (
	"fmt"
	"net"
	"os"
)

// bindHost is the host to listen on: PREFIXBIND_ADDRESS, and loopback without it. Other hosts are reached by others,
// so they take an authentication that is on.
func bindHost(authenticated bool) (string, error) {
	host := os.Getenv("PREFIXBIND_ADDRESS")
	if host == "" || host == "localhost" {
		return "127.0.0.1", nil
	}
	if ip := net.ParseIP(host); !authenticated && !ip.IsLoopback() {
		return "", fmt.Errorf("PREFIXBIND_ADDRESS is %s: listening there takes an authentication, and it is off", host)
	}
	return host, nil
}
