"""The reasons that several ignored members share."""

NO_DISK_ENCRYPTION = "files lie unencrypted on the disk of this machine, and there is no KMS"
NO_NETWORK = "processes use the network of this machine, and there is no VPC"
ONE_DISK = "all instances share the disk of this machine"
ONE_PAGE = "the answer holds everything on one page"
