package datatype

import "testing"

func TestAutofillText(t *testing.T) {
	testValues(t, "autofill-text", valueCases{
		good: []string{
			"on", "off", "ON", "name", "section-a name", "section- name", "shipping name", "home tel", "work tel",
			"mobile email", "fax tel", "pager tel", "home impp", "work email", "shipping home tel",
			"section-a shipping home tel", "email webauthn", "name webauthn", "current-password webauthn", "new-password",
			"one-time-code", "tel-national", "home tel-national", "work tel-extension", "cc-number", "shipping cc-number",
			"bday", "sex", "language", "transaction-amount", "address-line1", "NAME", "username", "url", "photo",
			"organization", "country", "country-name", "postal-code", "new-password webauthn", " name ", "name  ",
			"section-A name", "home  tel", "nickname", "one-time-code webauthn", "address-level1", "cc-exp", "cc-csc", "impp",
			"additional-name",
		},
		bad: []string{
			"", "on off", "on name", "name name", "name email", "foo", "section-a", "billing", "shipping billing name",
			"name shipping", "home name", "home shipping tel", "webauthn", "webauthn email", "section-a on", "shipping on",
			"on webauthn", "off webauthn", "home cc-number", "street-address", "nope", "false", "disabled", "tel section-a",
			"device-eid", "device-imei", "section-a section-b name", "home work tel", "home url", "home photo",
			"billing work mobile tel",
		},
	})
}

func TestAutofillHidden(t *testing.T) {
	testValues(t, "autofill-hidden", valueCases{
		good: []string{
			"name", "section-a name", "section- name", "shipping name", "home tel", "work tel", "mobile email", "fax tel",
			"pager tel", "home impp", "work email", "shipping home tel", "section-a shipping home tel", "email webauthn",
			"name webauthn", "current-password webauthn", "new-password", "one-time-code", "tel-national",
			"home tel-national", "work tel-extension", "cc-number", "shipping cc-number", "bday", "sex", "language",
			"transaction-amount", "street-address", "address-line1", "NAME", "username", "url", "photo", "organization",
			"country", "country-name", "postal-code", "new-password webauthn", " name ", "name  ",
		},
		bad: []string{
			"", "on", "off", "ON", "on off", "on name", "name name", "name email", "foo", "section-a", "billing",
			"shipping billing name", "name shipping", "home name", "home shipping tel", "webauthn", "webauthn email",
			"section-a on", "shipping on", "on webauthn", "off webauthn", "home cc-number", "nope", "false", "disabled",
			"tel section-a", "device-eid", "device-imei", "section-a section-b name", "home work tel", "home url",
			"home photo", "billing work mobile tel",
		},
	})
}

func TestAutofillEmail(t *testing.T) {
	testValues(t, "autofill-email", valueCases{
		good: []string{
			"on", "off", "ON", "username",
		},
		bad: []string{
			"", "name", "foo", "section-a", "billing", "webauthn", "new-password", "one-time-code", "tel-national",
			"cc-number", "bday", "sex", "language", "transaction-amount", "street-address", "address-line1", "NAME", "nope",
			"false", "disabled", "url", "photo", "organization", "country", "country-name", "postal-code", " name ", "name  ",
			"device-eid", "device-imei",
		},
	})
}

func TestAutofillTel(t *testing.T) {
	testValues(t, "autofill-tel", valueCases{
		good: []string{
			"on", "off", "ON",
		},
		bad: []string{
			"", "name", "foo", "section-a", "billing", "webauthn", "new-password", "one-time-code", "tel-national",
			"cc-number", "bday", "sex", "language", "transaction-amount", "street-address", "address-line1", "NAME", "nope",
			"false", "disabled", "username", "url", "photo", "organization", "country", "country-name", "postal-code",
			" name ", "name  ", "device-eid",
		},
	})
}

func TestAutofillUrl(t *testing.T) {
	testValues(t, "autofill-url", valueCases{
		good: []string{
			"on", "off", "ON", "url", "photo", "impp",
		},
		bad: []string{
			"", "name", "foo", "section-a", "billing", "webauthn", "new-password", "one-time-code", "tel-national",
			"cc-number", "bday", "sex", "language", "transaction-amount", "street-address", "address-line1", "NAME", "nope",
			"false", "disabled", "username", "organization", "country", "country-name", "postal-code", " name ", "name  ",
			"device-eid", "device-imei", "nickname",
		},
	})
}

func TestAutofillNumber(t *testing.T) {
	testValues(t, "autofill-number", valueCases{
		good: []string{
			"on", "off", "ON", "transaction-amount",
		},
		bad: []string{
			"", "name", "foo", "section-a", "billing", "webauthn", "new-password", "one-time-code", "tel-national",
			"cc-number", "bday", "sex", "language", "street-address", "address-line1", "NAME", "nope", "false", "disabled",
			"username", "url", "photo", "organization", "country", "country-name", "postal-code", " name ", "name  ",
			"device-eid", "device-imei",
		},
	})
}

func TestAutofillPassword(t *testing.T) {
	testValues(t, "autofill-password", valueCases{
		good: []string{
			"on", "off", "ON", "new-password", "one-time-code",
		},
		bad: []string{
			"", "name", "foo", "section-a", "billing", "webauthn", "tel-national", "cc-number", "bday", "sex", "language",
			"transaction-amount", "street-address", "address-line1", "NAME", "nope", "false", "disabled", "username", "url",
			"photo", "organization", "country", "country-name", "postal-code", " name ", "name  ", "device-eid",
			"device-imei", "nickname",
		},
	})
}

func TestAutofillDate(t *testing.T) {
	testValues(t, "autofill-date", valueCases{
		good: []string{
			"on", "off", "ON", "bday",
		},
		bad: []string{
			"", "name", "foo", "section-a", "billing", "webauthn", "new-password", "one-time-code", "tel-national",
			"cc-number", "sex", "language", "transaction-amount", "street-address", "address-line1", "NAME", "nope", "false",
			"disabled", "username", "url", "photo", "organization", "country", "country-name", "postal-code", " name ",
			"name  ", "device-eid", "device-imei",
		},
	})
}

func TestAutofillMonth(t *testing.T) {
	testValues(t, "autofill-month", valueCases{
		good: []string{
			"on", "off", "ON", "cc-exp",
		},
		bad: []string{
			"", "name", "foo", "section-a", "billing", "webauthn", "new-password", "one-time-code", "tel-national",
			"cc-number", "bday", "sex", "language", "transaction-amount", "street-address", "address-line1", "NAME", "nope",
			"false", "disabled", "username", "url", "photo", "organization", "country", "country-name", "postal-code",
			" name ", "name  ", "device-eid",
		},
	})
}
