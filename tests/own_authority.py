"""A certificate authority for a test, and what it signs, as PEM files."""

import datetime
import ipaddress

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec


class Signed:
    """A certificate with its key; .pem and .key are paths."""

    def __init__(self, folder, name, names=(), addresses=(), issuer=None):
        self.private = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        now = datetime.datetime.utcnow()
        builder = (x509.CertificateBuilder().subject_name(subject)
                   .issuer_name(issuer.certificate.subject if issuer else subject).public_key(self.private.public_key())
                   .serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(days=1))
                   .not_valid_after(now + datetime.timedelta(days=30))
                   .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True))
        known_as = [x509.DNSName(one) for one in names] + [x509.IPAddress(ipaddress.ip_address(one)) for one in addresses]
        if known_as:
            builder = builder.add_extension(x509.SubjectAlternativeName(known_as), critical=False)
        self.certificate = builder.sign(issuer.private if issuer else self.private, hashes.SHA256())
        self.pem, self.key = str(folder / f"{name}.pem"), str(folder / f"{name}.key")
        with open(self.pem, "wb") as file:
            file.write(self.certificate.public_bytes(serialization.Encoding.PEM))
        with open(self.key, "wb") as file:
            file.write(self.private.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                                  serialization.NoEncryption()))
