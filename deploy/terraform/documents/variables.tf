# Every JSON document that the module hands to AWS. No provider is used here: the documents are rendered,
# and compared with doc/iam.md, wherever there is terraform.

terraform {
  required_version = ">= 1.3"
}

variable "name" {
  description = "What the names of everything begin with"
  type        = string
}

variable "partition" {
  description = "aws, aws-cn or aws-us-gov"
  type        = string
}

variable "region" {
  description = "Of the tasks, the bucket and the databases"
  type        = string
}

variable "account" {
  description = "The account's 12 digits"
  type        = string
}

variable "bucket" {
  description = "The bucket's name"
  type        = string
}

variable "prefix" {
  description = "What every key begins with, without the last /"
  type        = string
}

variable "kms_key_arn" {
  description = "The key that the bucket encrypts with, or null"
  type        = string
}

variable "image" {
  description = "The image, as an image reference"
  type        = string
}

variable "ecr_repository_arns" {
  description = "The repositories of ECR that images are pulled from"
  type        = list(string)
}

variable "recipients" {
  description = "Public keys that archives are encrypted to"
  type        = list(string)
}

variable "signing_key_secret_arn" {
  description = "The secret that holds the key which signs archives, or null"
  type        = string
}

variable "databases" {
  description = "As in the module"
  type = map(object({
    host        = string
    port        = number
    user        = string
    database    = string
    resource_id = string
    format      = string
    environment = map(string)
    secrets     = map(string)
  }))
}

variable "drill" {
  description = "As in the module, or null"
  type = object({
    image               = string
    identity_secret_arn = string
    signer              = string
  })
}
