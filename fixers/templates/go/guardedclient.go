package PACKAGE

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"os"
	"syscall"
	"time"
)

// guardedClient is the client for an address that somebody else chose: it reaches neither this machine, nor the local
// network, nor a cloud's metadata service. PREFIXALLOW_INTERNAL=1 admits the first two, for development.
func guardedClient(client *http.Client) *http.Client {
	guarded := *client
	guarded.Transport = guardedTransport
	return &guarded
}

// guardedTransport judges each address when it dials: after the name was resolved, and again on every redirect. There
// is no proxy, for a proxy resolves the name itself.
var guardedTransport = &http.Transport{
	DialContext:           (&net.Dialer{Timeout: 10 * time.Second, Control: refuseInternal}).DialContext,
	ForceAttemptHTTP2:     true,
	MaxIdleConns:          100,
	IdleConnTimeout:       90 * time.Second,
	TLSHandshakeTimeout:   10 * time.Second,
	ResponseHeaderTimeout: 30 * time.Second,
}

// Clouds hand out credentials here, and at the link-local 169.254.169.254.
var (
	metadataV6      = netip.MustParseAddr("fd00:ec2::254")
	metadataAlibaba = netip.MustParseAddr("100.100.100.200")
)

// refuseInternal is the Control hook of a net.Dialer; the address is the one that is about to be dialed.
func refuseInternal(_, address string, _ syscall.RawConn) error {
	dialed, err := netip.ParseAddrPort(address)
	if err != nil {
		return err
	}
	ip := dialed.Addr().Unmap()
	internal := ip.IsLoopback() || ip.IsPrivate()
	if !internal && !ip.IsGlobalUnicast() || ip == metadataV6 || ip == metadataAlibaba {
		return fmt.Errorf("%s may not be reached from here", ip)
	}
	if internal && os.Getenv("PREFIXALLOW_INTERNAL") != "1" {
		return fmt.Errorf("%s is an internal address (PREFIXALLOW_INTERNAL is not 1)", ip)
	}
	return nil
}
