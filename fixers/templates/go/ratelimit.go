package PACKAGE

import (
	"math"
	"net"
	"net/http"
	"net/netip"
	"os"
	"regexp"
	"strconv"
	"sync"
	"time"
)

var (
	probePath = regexp.MustCompile(`^/(health|healthz|livez|readyz|metrics)$`)
	loginPath = regexp.MustCompile(`(?i)/(login|signin|signup|register|auth|token|password|reset)\b`)
)

// limitRate answers 429 to an address that asks too often: PREFIXRATE_LIMIT requests a second on average (20) and
// PREFIXRATE_BURST at once (100). Logins get a tenth of both, probes are exempt. Behind a proxy that does not keep the
// client's address, limit there instead: every request would count for the proxy.
func limitRate(next http.Handler) http.Handler {
	rate, burst := envNumber("PREFIXRATE_LIMIT", 20), envNumber("PREFIXRATE_BURST", 100)
	all := newRateLimiter(rate, burst)
	logins := newRateLimiter(rate/10, math.Max(1, burst/10))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if probePath.MatchString(r.URL.Path) {
			next.ServeHTTP(w, r)
			return
		}
		limiter := all
		if loginPath.MatchString(r.URL.Path) {
			limiter = logins
		}
		if wait := limiter.take(clientAddress(r), time.Now()); wait > 0 {
			w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
			http.Error(w, "too many requests", http.StatusTooManyRequests)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// clientAddress is the address that a request comes from; of an IPv6 address the /64, for one client has all of it.
func clientAddress(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	if ip, err := netip.ParseAddr(host); err == nil && ip.Is6() && !ip.Is4In6() {
		return netip.PrefixFrom(ip.WithZone(""), 64).Masked().String()
	}
	return host
}

// envNumber is a positive number of the environment, or what holds without it.
func envNumber(name string, fallback float64) float64 {
	if value, err := strconv.ParseFloat(os.Getenv(name), 64); err == nil && value > 0 {
		return value
	}
	return fallback
}

// rateLimiter holds a token bucket for each address.
type rateLimiter struct {
	rate, burst float64
	mu          sync.Mutex
	buckets     map[string]*tokenBucket
	swept       time.Time
}

type tokenBucket struct {
	tokens float64
	seen   time.Time
}

func newRateLimiter(rate, burst float64) *rateLimiter {
	return &rateLimiter{rate: rate, burst: burst, buckets: map[string]*tokenBucket{}}
}

// take spends a token of an address; when there is none it says how long to wait for one.
func (l *rateLimiter) take(address string, now time.Time) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sweep(now)
	b := l.buckets[address]
	if b == nil {
		b = &tokenBucket{tokens: l.burst, seen: now}
		l.buckets[address] = b
	}
	b.tokens = math.Min(l.burst, b.tokens+math.Max(0, now.Sub(b.seen).Seconds())*l.rate)
	b.seen = now
	if b.tokens >= 1 {
		b.tokens--
		return 0
	}
	return time.Duration((1 - b.tokens) / l.rate * float64(time.Second))
}

// sweep forgets, once a minute, the addresses whose buckets are full again.
func (l *rateLimiter) sweep(now time.Time) {
	if now.Sub(l.swept) < time.Minute {
		return
	}
	l.swept = now
	for address, b := range l.buckets {
		if now.Sub(b.seen).Seconds()*l.rate >= l.burst {
			delete(l.buckets, address)
		}
	}
}
