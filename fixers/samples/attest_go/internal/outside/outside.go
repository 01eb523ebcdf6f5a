// Package outside asks addresses that somebody else chose.
package outside

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"syscall"
	"time"
)

const maxAnswer = 10 << 20

// NewClient makes a client that reaches no machine of this network, whatever a name resolves to.
func NewClient(timeout time.Duration) *http.Client {
	dialer := net.Dialer{Timeout: 5 * time.Second, Control: refuseNeighbours}
	return &http.Client{Timeout: timeout, Transport: &http.Transport{DialContext: dialer.DialContext}}
}

func refuseNeighbours(_, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return err
	}
	if ip := to.Addr().Unmap(); !ip.IsGlobalUnicast() || ip.IsPrivate() {
		return fmt.Errorf("%s is no address of the internet", ip)
	}
	return nil
}

// Fetch reads what lies at an address.
func Fetch(ctx context.Context, address string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	resp, err := NewClient(30 * time.Second).Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	return io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
}
