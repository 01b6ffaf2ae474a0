# What people manage with Terraform's AWS provider. `turn` is 1, then 2: each resource that can
# change does.

variable "endpoint" { type = string }
variable "turn" { type = number }

terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region                  = "us-east-1"
  s3_use_path_style       = true
  skip_metadata_api_check = true
  endpoints {
    iam = var.endpoint
    s3  = var.endpoint
    sts = var.endpoint
  }
}

# The same as somebody who assumes a role.
provider "aws" {
  alias                   = "assumed"
  region                  = "us-east-1"
  s3_use_path_style       = true
  skip_metadata_api_check = true
  access_key              = aws_iam_access_key.other.id
  secret_key              = aws_iam_access_key.other.secret
  assume_role {
    role_arn     = aws_iam_role.account.arn
    session_name = "plan"
    external_id  = "plan"
    duration     = "15m"
    tags         = { project = "plan" }
    policy = jsonencode({
      Version = "2012-10-17"
      Statement = [{
        Effect   = "Allow"
        Action   = "s3:*"
        Resource = "arn:aws:s3:::kept-by-terraform/assumed/*"
      }]
    })
  }
  endpoints {
    iam = var.endpoint
    s3  = var.endpoint
    sts = var.endpoint
  }
}

locals {
  tags = { turn = tostring(var.turn) }
}

data "aws_caller_identity" "me" {}

data "aws_iam_policy_document" "reads" {
  statement {
    actions   = ["s3:GetObject", "s3:ListBucket"]
    resources = ["arn:aws:s3:::kept-by-terraform", "arn:aws:s3:::kept-by-terraform/${var.turn}/*"]
    condition {
      test     = "StringEquals"
      variable = "aws:RequestedRegion"
      values   = ["us-east-1", "eu-central-1"]
    }
  }
}

resource "aws_iam_policy" "one" {
  name        = "tf-policy"
  path        = "/tf/"
  description = "made by a plan"
  policy      = data.aws_iam_policy_document.reads.json
  tags        = local.tags
}

resource "aws_iam_policy" "boundary" {
  name = "tf-boundary"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "s3:*", Resource = "*" }]
  })
}

resource "aws_iam_policy_attachment" "boundary" {
  name       = "everybody who has it"
  policy_arn = aws_iam_policy.boundary.arn
  users      = var.turn == 1 ? [aws_iam_user.other.name] : []
  groups     = [aws_iam_group.other.name]
}

# A user, and what it has.

resource "aws_iam_user" "one" {
  name                 = "tf-user-${var.turn}"
  path                 = "/tf/${var.turn}/"
  permissions_boundary = var.turn == 1 ? aws_iam_policy.boundary.arn : null
  force_destroy        = true
  # The provider tags by the new name before it renames: what it renames keeps its tags. Nor
  # does it know in a plan that the ARN changes: what needs one is of the other user.
  tags = { kept = "yes" }
}

resource "aws_iam_user" "other" {
  name = "tf-other"
  tags = local.tags
}

resource "aws_iam_user_policy" "own" {
  name = "own"
  user = aws_iam_user.one.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["s3:PutObject", "s3:GetObject"]
      Resource = "arn:aws:s3:::kept-by-terraform/${var.turn}/*"
    }]
  })
}

resource "aws_iam_user_policy_attachment" "one" {
  user       = aws_iam_user.one.name
  policy_arn = aws_iam_policy.one.arn
}

resource "aws_iam_access_key" "one" {
  user   = aws_iam_user.one.name
  status = var.turn == 1 ? "Active" : "Inactive"
}

resource "aws_iam_user_login_profile" "other" {
  user                    = aws_iam_user.other.name
  password_length         = 20
  password_reset_required = true
}

resource "aws_iam_virtual_mfa_device" "one" {
  virtual_mfa_device_name = "tf-device"
  tags                    = local.tags
}

# Groups and memberships.

resource "aws_iam_group" "one" {
  name = "tf-group-${var.turn}"
  path = "/tf/"
}

resource "aws_iam_group" "other" {
  name = "tf-others"
}

resource "aws_iam_group_membership" "one" {
  name  = "members"
  group = aws_iam_group.one.name
  users = var.turn == 1 ? [aws_iam_user.one.name] : [aws_iam_user.one.name, aws_iam_user.other.name]
}

resource "aws_iam_user_group_membership" "other" {
  user   = aws_iam_user.other.name
  groups = [aws_iam_group.other.name]
}

resource "aws_iam_group_policy" "own" {
  name  = "own"
  group = aws_iam_group.one.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Deny", Action = "s3:DeleteObject", Resource = ["*"] }]
  })
}

resource "aws_iam_group_policy_attachment" "one" {
  group      = aws_iam_group.one.name
  policy_arn = aws_iam_policy.one.arn
}

# Roles.

resource "aws_iam_role" "one" {
  name                 = "tf-role"
  path                 = "/tf/"
  description          = "turn ${var.turn}"
  max_session_duration = 3600 * var.turn
  permissions_boundary = var.turn == 1 ? aws_iam_policy.boundary.arn : null
  tags                 = local.tags
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { AWS = aws_iam_user.other.arn }
      Condition = { StringEquals = { "sts:ExternalId" = "turn-${var.turn}" } }
    }]
  })
}

resource "aws_iam_role" "web" {
  name = "tf-web"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = aws_iam_openid_connect_provider.one.arn }
      Condition = { StringEquals = { "token.actions.example:aud" = "sts.amazonaws.com" } }
    }]
  })
}

resource "aws_iam_role" "account" {
  name = "tf-account"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = ["sts:AssumeRole", "sts:TagSession"]
      Principal = { AWS = data.aws_caller_identity.me.account_id }
    }]
  })
}

resource "aws_iam_role_policy" "objects" {
  name = "objects"
  role = aws_iam_role.account.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "s3:*"
      Resource  = "arn:aws:s3:::kept-by-terraform/*"
      Condition = { StringEquals = { "aws:PrincipalTag/project" = "plan" } }
    }]
  })
}

resource "aws_iam_user_policy" "assumes" {
  name = "assumes"
  user = aws_iam_user.other.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["sts:AssumeRole", "sts:TagSession"]
      Resource = aws_iam_role.account.arn
    }]
  })
}

resource "aws_iam_access_key" "other" {
  user = aws_iam_user.other.name
}

resource "aws_iam_role_policy" "own" {
  name   = "own"
  role   = aws_iam_role.one.id
  policy = data.aws_iam_policy_document.reads.json
}

resource "aws_iam_role_policy_attachment" "one" {
  role       = aws_iam_role.one.name
  policy_arn = aws_iam_policy.one.arn
}

resource "aws_iam_role_policies_exclusive" "one" {
  role_name    = aws_iam_role.one.name
  policy_names = [aws_iam_role_policy.own.name]
}

# Who is believed, and the account.

resource "aws_iam_openid_connect_provider" "one" {
  url             = "https://token.actions.example"
  client_id_list  = var.turn == 1 ? ["sts.amazonaws.com"] : ["sts.amazonaws.com", "another"]
  thumbprint_list = [join("", [for n in range(40) : tostring(var.turn)])]
  tags            = local.tags
}

resource "aws_iam_saml_provider" "one" {
  name = "tf-saml"
  saml_metadata_document = join("", [
    "<EntityDescriptor xmlns=\"urn:oasis:names:tc:SAML:2.0:metadata\" ",
    "entityID=\"https://saml.example/${var.turn}\"><IDPSSODescriptor ",
    "protocolSupportEnumeration=\"urn:oasis:names:tc:SAML:2.0:protocol\">",
    "<KeyDescriptor use=\"signing\"><KeyInfo xmlns=\"http://www.w3.org/2000/09/xmldsig#\">",
    "<X509Data><X509Certificate>${join("", [for n in range(1000) : "A"])}</X509Certificate>",
    "</X509Data></KeyInfo></KeyDescriptor><SingleSignOnService ",
    "Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST\" ",
    "Location=\"https://saml.example/\"/></IDPSSODescriptor></EntityDescriptor>",
  ])
  tags = local.tags
}

resource "aws_iam_account_alias" "one" {
  account_alias = "tf-alias"
}

resource "aws_iam_account_password_policy" "one" {
  minimum_password_length        = 13 + var.turn
  require_numbers                = true
  allow_users_to_change_password = true
}

# A bucket.

resource "aws_s3_bucket" "one" {
  bucket        = "kept-by-terraform"
  force_destroy = true
  tags          = local.tags
}

resource "aws_s3_bucket_public_access_block" "one" {
  bucket                  = aws_s3_bucket.one.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = var.turn == 2
}

resource "aws_s3_bucket_ownership_controls" "one" {
  bucket = aws_s3_bucket.one.id
  rule {
    object_ownership = var.turn == 1 ? "BucketOwnerPreferred" : "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_policy" "one" {
  bucket = aws_s3_bucket.one.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "Role"
      Effect    = "Allow"
      Action    = ["s3:GetObject", "s3:PutObject"]
      Principal = { AWS = [aws_iam_role.one.arn, aws_iam_user.other.arn] }
      Resource  = "${aws_s3_bucket.one.arn}/${var.turn}/*"
    }]
  })
}

resource "aws_s3_object" "one" {
  bucket  = aws_s3_bucket.one.id
  key     = "${var.turn}/a b+c.txt"
  content = "turn ${var.turn}"
  tags    = local.tags
}

resource "aws_s3_object" "assumed" {
  provider   = aws.assumed
  depends_on = [aws_iam_role_policy.objects, aws_iam_user_policy.assumes, aws_s3_bucket.one]
  bucket     = "kept-by-terraform"
  key        = "assumed/one"
  content    = "turn ${var.turn}"
}

# What reads only.

data "aws_iam_user" "one" { user_name = aws_iam_user.one.name }
data "aws_iam_group" "one" { group_name = aws_iam_group.one.name }
data "aws_iam_role" "one" { name = aws_iam_role.one.name }
data "aws_iam_policy" "one" { arn = aws_iam_policy.one.arn }
data "aws_s3_bucket" "one" { bucket = aws_s3_bucket.one.id }
data "aws_iam_users" "all" { path_prefix = "/tf/" }
data "aws_iam_roles" "all" { path_prefix = "/tf/" }
data "aws_iam_session_context" "one" { arn = aws_iam_role.one.arn }
data "aws_canonical_user_id" "me" {}
data "aws_iam_principal_policy_simulation" "other" {
  depends_on        = [aws_iam_user_policy.assumes]
  policy_source_arn = aws_iam_user.other.arn
  action_names      = ["sts:AssumeRole"]
  resource_arns     = [aws_iam_role.account.arn]
  lifecycle {
    postcondition {
      condition     = self.all_allowed
      error_message = "The user may assume the role."
    }
  }
}
