// Package watcher tells other programs about new statements.
package watcher

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
)

// Watch is what somebody asked to be told about.
type Watch struct {
	Name       string
	WebhookURL string
}

// Engine delivers events.
type Engine struct {
	client *http.Client
	local  string
}

// New makes an engine that also reports to the collector on this machine.
func New(collector string) *Engine {
	return &Engine{client: &http.Client{}, local: collector}
}

// Deliver sends an event to the address of a watch.
func (e *Engine) Deliver(ctx context.Context, watch Watch, event []byte) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, watch.WebhookURL, bytes.NewReader(event))
	if err != nil {
		return err
	}
	resp, err := e.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	return refused(watch.Name, resp)
}

func refused(name string, resp *http.Response) error {
	if resp.StatusCode >= 300 {
		said, _ := io.ReadAll(resp.Body)
		return fmt.Errorf("%s answered %d: %s", name, resp.StatusCode, said)
	}
	return nil
}

// Report tells the collector, which listens on loopback.
func (e *Engine) Report(event []byte) error {
	resp, err := e.client.Post(e.local, "application/json", bytes.NewReader(event))
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	return refused("the collector", resp)
}
