package datatype

import "testing"

func TestCsp(t *testing.T) {
	testValues(t, "csp", valueCases{
		good: []string{
			"", "default-src 'self'", "default-src 'none'", "default-src *", "script-src 'unsafe-inline' 'unsafe-eval'",
			"script-src 'nonce-abc'", "script-src 'strict-dynamic'", "script-src 'unsafe-hashes'",
			"script-src 'report-sample'", "script-src 'wasm-unsafe-eval'", "script-src 'inline-speculation-rules'",
			"script-src 'unsafe-allow-redirects'", "script-src 'trusted-types-eval'", "script-src https:", "script-src https",
			"script-src data:", "script-src https://a.b", "script-src https://a.b:*", "script-src https://a.b:8",
			"script-src *.a.b", "script-src https://*.a.b/x", "script-src https://a.b/x?y", "script-src https://a.b/#x",
			"script-src 'self';", "script-src 'self';;img-src *", "SCRIPT-SRC 'SELF'", "frame-ancestors *", "report-to x",
			"sandbox", "sandbox allow-scripts", "upgrade-insecure-requests", "block-all-mixed-content",
			"require-trusted-types-for 'script'", "trusted-types a b", "trusted-types 'none'", "base-uri https://a",
			"form-action *", "manifest-src *", "worker-src *", "child-src *", "frame-src *", "media-src *", "object-src *",
			"connect-src *", "font-src *", "style-src *", "script-src-elem *", "script-src-attr *", "style-src-elem *",
			"style-src-attr *", "navigate-to *", "fenced-frame-src *", "webrtc allow", "webrtc 'allow'",
			"default-src *, img-src *", "default-src\n'self'\t https:", "img-src 'strict-dynamic'", "img-src 'nonce-abc'",
			"style-src 'unsafe-eval'", "img-src 'unsafe-inline'", "font-src 'unsafe-inline'", "connect-src wss://a",
			"img-src blob: data:", "script-src http://a.b", "script-src 'unsafe-inline' https://a", "script-src nonce-abc",
			"script-src localhost:3000", "script-src http://localhost:*", "script-src 127.0.0.1", "script-src http://1.2.3.4",
			"script-src a:99999", "script-src *:8", "script-src *:*", "script-src https://*", "script-src http://*:*",
			"script-src a.b/", "script-src a.b//x", "script-src a.b/%20", "script-src ws://*",
			"script-src mediastream: filesystem:", "script-src foo:", "frame-ancestors 'none'", "base-uri 'unsafe-inline'",
			"form-action 'nonce-a'", "default-src 'report-sample'", "script-src 'none'", "default-src *;", "; default-src *",
			" ",
		},
		bad: []string{
			"default-src 'foo'", "script-src 'nonce-'", "script-src 'sha256-'", "script-src 'sha1-abc'", "script-src a.*.b",
			"script-src //a.b", "script-src https:/a", "script-src a_b.c", "script-src é", "script-src 'none' 'self'",
			"script-src 'none' https://a", "img-src", "report-uri", "report-to", "report-to a b", "sandbox allow-foo",
			"upgrade-insecure-requests 1", "block-all-mixed-content x", "plugin-types foo",
			"require-trusted-types-for script", "trusted-types 'foo'", `default-src "self"`, "default-src ‘self’",
			"default-src'self'", "default_src *", "default-src: *", "script-src [::1]", "script-src a.b/ü",
			"script-src 'self", "script-src self'", "frame-ancestors 'unsafe-inline'", "script-src;img-src",
		},
		warn: []string{
			"default-src self", "foo bar", "script-src 'sha256-abc='", "script-src 'self' 'self'",
			"script-src 'self'; script-src 'none'", "report-uri /x", "sandbox allow-scripts allow-scripts",
			"plugin-types application/pdf", "plugin-types", "referrer no-referrer", "reflected-xss block",
			"require-sri-for script", "require-sri-for foo", "trusted-types", "trusted-types 'allow-duplicates'",
			"trusted-types *", "prefetch-src *", "disown-opener", "default-src 'self' 'unsafe-inline'; foo-src x; bar",
			"object-src 'self' self", "img-src none", "script-src unsafe-inline", "1 2",
		},
	})
}

func TestSandbox(t *testing.T) {
	testValues(t, "sandbox", valueCases{
		good: []string{
			"", "allow-scripts", "ALLOW-SCRIPTS", "allow-downloads",
			"allow-forms allow-modals allow-orientation-lock allow-pointer-lock allow-popups allow-popups-to-escape-sandbox allow-presentation",
			"allow-top-navigation", "allow-top-navigation-by-user-activation", "allow-top-navigation-to-custom-protocols",
			"allow-same-origin", " allow-scripts ",
		},
		bad: []string{
			"allow-foo", "allow-scripts allow-scripts", "allow-top-navigation allow-top-navigation-by-user-activation",
			"allow-storage-access-by-user-activation", "allow-unsandboxed-auxiliary", "allow-scripts,allow-forms",
			"allow-downloads-without-user-activation",
		},
		warn: []string{
			"allow-scripts allow-same-origin",
		},
	})
}

func TestAllow(t *testing.T) {
	testValues(t, "allow", valueCases{
		good: []string{
			"", "camera; fullscreen *", "camera 'self' https://a.b", ";;",
		},
		warn: []string{
			"fullscreen=*", "camera self", `camera "self"`, "camera 'foo'", "camera, microphone",
		},
	})
}
