package server

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"example.com/attest/internal/config"
	"example.com/attest/internal/peer"
	"example.com/attest/internal/store"
)

func started(t *testing.T, cfg config.Config) *httptest.Server {
	t.Helper()
	kept, err := store.Open("")
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(New(cfg, kept).routes())
	t.Cleanup(server.Close)
	return server
}

func posted(t *testing.T, url, body string) int {
	t.Helper()
	answer, err := http.Post(url, "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	return answer.StatusCode
}

const statement = `{"subject": "Ada", "predicate": "knows", "object": "Bob"}`

func TestAStatementReachesThePeer(t *testing.T) {
	server := started(t, config.Config{})
	if code := posted(t, server.URL+"/attestations", statement); code != http.StatusCreated {
		t.Fatalf("posted: %d", code)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	all, err := peer.Pull(ctx, "ws"+strings.TrimPrefix(server.URL, "http")+"/sync")
	if err != nil || len(all) != 1 || all[0].Object != "Bob" {
		t.Errorf("the peer has %v: %v", all, err)
	}
}

func TestAnArchiveMayBeLargerThanAStatement(t *testing.T) {
	server := started(t, config.Config{})
	archive := "[" + strings.Repeat(statement+",", 40_000) + statement + "]"
	if code := posted(t, server.URL+"/import", archive); code != http.StatusCreated {
		t.Errorf("%d bytes: %d", len(archive), code)
	}
}

func TestWithoutALoginNothingIsShown(t *testing.T) {
	server := started(t, config.Config{AuthOn: true, AdminToken: "sesame"})
	if code := posted(t, server.URL+"/attestations", statement); code != http.StatusUnauthorized {
		t.Errorf("posted without a login: %d", code)
	}
	if code := posted(t, server.URL+"/login", ""); code != http.StatusUnauthorized {
		t.Errorf("logged in without a token: %d", code)
	}
}

func TestAPageIsToldWhatHappens(t *testing.T) {
	server := started(t, config.Config{})
	header := http.Header{"Origin": {"http://localhost:8770"}}
	conn, _, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(server.URL, "http")+"/live", header)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if code := posted(t, server.URL+"/attestations", statement); code != http.StatusCreated {
		t.Fatalf("posted: %d", code)
	}
	_ = conn.SetReadDeadline(time.Now().Add(5 * time.Second))
	if _, said, err := conn.ReadMessage(); err != nil || string(said) != "Ada knows Bob" {
		t.Errorf("the page is told %q: %v", said, err)
	}
}
