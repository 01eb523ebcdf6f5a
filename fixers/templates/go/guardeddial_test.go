package PACKAGE

import (
	"context"
	"errors"
	"net"
	"testing"
	"time"
)

func TestGuardedDialRefusesMetadataServices(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	for _, address := range []string{"169.254.169.254:80", "[::ffff:169.254.169.254]:80", "[fd00:ec2::254]:80", "0.0.0.0:80"} {
		conn, err := guardedDial(ctx, "tcp", address)
		if err == nil {
			conn.Close()
		}
		if !errors.Is(err, errGuarded) {
			t.Errorf("%s: %v", address, err)
		}
	}
}

func TestGuardedDialReachesPeersOfThisMachine(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	conn, err := guardedDial(context.Background(), "tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
}
