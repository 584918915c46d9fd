// Package aria checks the accessible semantics of a page: the role and aria-* attributes
// by WAI-ARIA 1.2, DPUB-ARIA, Graphics-ARIA and ARIA in HTML (family aria), and what makes
// a page hard to use with assistive technology as far as it shows without rendering
// (family a11y).
//
// The one call to make is [Check]. What roles, properties and elements are is in three
// text files beside the code (roles.txt, attributes.txt, elements.txt), to be read next to
// the standards.
//
// Errors are only what a conformance checker would call so. Family a11y has warnings
// alone, and is silent where scripts or style sheets may decide: it does not judge
// contrast, the order of focus, sizes, motion, whether a text alternative fits its
// picture, or whether a link text says enough.
//
// The package does not render, run scripts or fetch. Everything is safe for concurrent use.
package aria
