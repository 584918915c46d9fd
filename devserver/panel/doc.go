// Package panel shows pastedev in the browser: the script that live-reloads a page
// and draws its panel, the endpoints that the script asks, and the pages served in
// place of an answer that the target could not give.
//
// The one call to make is [New]. The [Handler] serves everything below [Prefix] on
// the app's own port; [Handler.Src] is the address of the script for one page, to
// be injected into it; [Handler.Run] carries the live feed to the pages;
// [Handler.ServeFailure] answers a request that the target did not.
//
// The app's port is shared with the app: whatever script runs in the page is on our
// origin. So nothing here changes anything, no body, no header and no variable of any
// exchange is shown, a page gets events only with the capability in its own script
// address, an exchange is told only to who knows its 128-bit id, and what it printed,
// asked of databases and called, and where its time went, only to its own page.
// Everything else is on the control port, which the panel links to and never holds a
// token for.
//
// A page with a policy of its own in a <meta> (see [Meta]) gets all scripts in one, and where
// it forbids connections the panel lists what the browser knows and links to the control
// port. Of the frames of one origin the outermost page has the pill and reloads for all;
// below a foreign page the first frame has it, as a dot, and each reloads itself. Frames of
// no origin (sandbox) have nothing.
//
// Whatever an app said goes to the page as text in JSON: the script makes elements of
// it, never markup, so pages under Trusted Types show it too.
//
// Its Paste ancestors are the error pages of paste.exceptions and paste.evalexception,
// which spoke only when the program was alive to speak.
package panel
