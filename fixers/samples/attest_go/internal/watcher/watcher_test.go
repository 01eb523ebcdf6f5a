package watcher

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestTheCollectorOfThisMachineIsTold(t *testing.T) {
	told := 0
	collector := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { told++ }))
	defer collector.Close()
	if err := New(collector.URL).Report([]byte("{}")); err != nil || told != 1 {
		t.Errorf("told %d times: %v", told, err)
	}
}

func TestARefusalIsAnError(t *testing.T) {
	full := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "full", http.StatusInsufficientStorage)
	}))
	defer full.Close()
	if err := New(full.URL).Report([]byte("{}")); err == nil || !strings.Contains(err.Error(), "507") {
		t.Errorf("the refusal is %v", err)
	}
}
