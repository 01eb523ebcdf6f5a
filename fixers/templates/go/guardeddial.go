package PACKAGE

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"syscall"
	"time"
)

// guardedDial connects to peers, on the local network too, but to no link-local address and no cloud's metadata
// service. It judges the address that is dialed: what a name resolved to before says nothing.
var guardedDial = (&net.Dialer{Timeout: 10 * time.Second, Control: refuseMetadata}).DialContext

var errGuarded = errors.New("the address may not be dialed")

// refuseMetadata is the Control hook of a net.Dialer.
func refuseMetadata(_, address string, _ syscall.RawConn) error {
	dialed, err := netip.ParseAddrPort(address)
	if err != nil {
		return err
	}
	switch ip := dialed.Addr().Unmap(); {
	case ip.IsLinkLocalUnicast(), ip.IsMulticast(), ip.IsUnspecified(),
		ip == netip.MustParseAddr("fd00:ec2::254"), ip == netip.MustParseAddr("100.100.100.200"):
		return fmt.Errorf("%w: %s", errGuarded, ip)
	}
	return nil
}
