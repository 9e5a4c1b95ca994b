// swift-format-ignore-file
// Written by `embed` from openapi.yaml, README.md and docs/*.md. Not to be edited.

/// Documents compiled in, so that the binary needs no files beside it.
package enum EmbeddedDocuments {
    /// The description of the REST API.
    package static let openAPI: String = [
##"""
# The REST API of orgd. The server embeds and serves this file; a test compares it with the route tables in both
# directions: method, path, operationId and x-permission. Keep `path` at two spaces, methods at four, their keys at six.
openapi: 3.1.0
info:
  title: orgd
  version: 0.1.0
  summary: Self-hosted control plane for zero-trust access.
  description: |
    Wire-compatible with the Cloudflare v4 API for the resources it models: clients change scheme and host only.
    What is marked (orgd) is an addition of this server. `x-permission` names the permission group that the caller needs;
    `authenticated` means any valid credential, and the answer then holds only what the caller may see.
  license:
    name: Apache-2.0
    identifier: Apache-2.0
servers:
  - url: /
    description: The public URL of this server.
security:
  - bearer: []
tags:
  - {name: Organizations}
  - {name: Accounts}
  - {name: Members}
  - {name: API tokens}
  - {name: Zero Trust organization}
  - {name: Identity providers}
  - {name: IdP bridge}
  - {name: Shares}
  - {name: Applications}
  - {name: Policies and groups}
  - {name: Service tokens and keys}
  - {name: Users and seats}
  - {name: Managed OAuth}
  - {name: Audit log}
  - {name: Server}
paths:
  /client/v4/organizations:
    get:
      operationId: listOrganizations
      summary: Organizations that the caller may see
      x-permission: authenticated
      tags: [Organizations]
      parameters:
        - name: id
          in: query
          schema: {type: array, items: {$ref: '#/components/schemas/Hex'}}
        - {name: name.startsWith, in: query, schema: {type: string}}
        - {name: name.endsWith, in: query, schema: {type: string}}
        - {name: name.contains, in: query, schema: {type: string}}
        - name: parent.id
          in: query
          description: '`null`: organizations without a parent.'
          schema: {anyOf: [{$ref: '#/components/schemas/Hex'}, {const: 'null'}]}
        - {name: containing.account, in: query, schema: {$ref: '#/components/schemas/Hex'}}
        - name: containing.organization
          in: query
          schema: {$ref: '#/components/schemas/Hex'}
        - {name: containing.user, in: query, schema: {$ref: '#/components/schemas/Hex'}}
        - {$ref: '#/components/parameters/PageSize'}
        - {$ref: '#/components/parameters/PageToken'}
      responses:
        '200': {$ref: '#/components/responses/OrganizationPage'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        default: {$ref: '#/components/responses/Failure'}
    post:
      operationId: createOrganization
      summary: Create an organization; the caller becomes its Organization Super Administrator
      x-permission: authenticated
      tags: [Organizations]
      parameters:
        - {$ref: '#/components/parameters/IdempotencyKey'}
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/OrganizationBody'}}}
      responses:
        '200': {$ref: '#/components/responses/Organization'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        '409': {$ref: '#/components/responses/Conflict'}
        default: {$ref: '#/components/responses/Failure'}
  /client/v4/organizations/{organization_id}:
    parameters: [{$ref: '#/components/parameters/organization_id'}]
    get:
      operationId: getOrganization
      summary: One organization
      x-permission: Organization Read
      tags: [Organizations]
      parameters:
        - {$ref: '#/components/parameters/IfNoneMatch'}
      responses:
        '200': {$ref: '#/components/responses/Organization'}
        '304': {$ref: '#/components/responses/NotModified'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        default: {$ref: '#/components/responses/Failure'}
    put:
      operationId: updateOrganization
      summary: Replace name, parent and profile
      x-permission: Organization Write
      tags: [Organizations]
      parameters:
        - {$ref: '#/components/parameters/IfMatch'}
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/OrganizationBody'}}}
      responses:
        '200': {$ref: '#/components/responses/Organization'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        '409': {$ref: '#/components/responses/Conflict'}
        default: {$ref: '#/components/responses/Failure'}
    delete:
      operationId: deleteOrganization
      summary: Delete an empty organization
      x-permission: Organization Write
      tags: [Organizations]
      parameters:
        - {$ref: '#/components/parameters/IfMatch'}
      responses:
        '200': {$ref: '#/components/responses/Deleted'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        '409': {$ref: '#/components/responses/Conflict'}
        default: {$ref: '#/components/responses/Failure'}
  /client/v4/organizations/{organization_id}/profile:
    parameters: [{$ref: '#/components/parameters/organization_id'}]
    get:
      operationId: getOrganizationProfile
      summary: Profile of an organization
      x-permission: Organization Read
      tags: [Organizations]
      responses:
        '200': {$ref: '#/components/responses/OrganizationProfile'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        default: {$ref: '#/components/responses/Failure'}
    put:
      operationId: updateOrganizationProfile
      summary: Replace the profile
      x-permission: Organization Write
      tags: [Organizations]
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/OrganizationProfile'}}}
      responses:
        '200': {$ref: '#/components/responses/Empty'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        default: {$ref: '#/components/responses/Failure'}
  /client/v4/organizations/{organization_id}/accounts:
    parameters: [{$ref: '#/components/parameters/organization_id'}]
    get:
      operationId: listOrganizationAccounts
      summary: Accounts below an organization, descendants included
      x-permission: Organization Read
      tags: [Organizations]
      parameters:
        - {name: account_pubname.startsWith, in: query, schema: {type: string}}
        - {name: account_pubname.endsWith, in: query, schema: {type: string}}
        - {name: account_pubname.contains, in: query, schema: {type: string}}
        - {name: name.startsWith, in: query, schema: {type: string}}
        - {name: name.endsWith, in: query, schema: {type: string}}
        - {name: name.contains, in: query, schema: {type: string}}
        - name: order_by
          in: query
          schema: {type: string, enum: [account_name], default: account_name}
        - {$ref: '#/components/parameters/DirectionAscending'}
        - {$ref: '#/components/parameters/PageSize'}
        - {$ref: '#/components/parameters/PageToken'}
      responses:
        '200': {$ref: '#/components/responses/AccountPage'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        default: {$ref: '#/components/responses/Failure'}
  /client/v4/organizations/{organization_id}/members:
    parameters: [{$ref: '#/components/parameters/organization_id'}]
    get:
      operationId: listOrganizationMembers
      summary: Members of an organization
      x-permission: Organization Read
      tags: [Organizations]
      parameters:
        - {$ref: '#/components/parameters/PageSize'}
        - {$ref: '#/components/parameters/PageToken'}
      responses:
        '200': {$ref: '#/components/responses/OrganizationMemberPage'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        default: {$ref: '#/components/responses/Failure'}
    post:
      operationId: createOrganizationMember
      summary: Add a member
      x-permission: Organization Write
      tags: [Organizations]
      parameters:
        - {$ref: '#/components/parameters/IdempotencyKey'}
      requestBody:
        content: {application/json: {schema: {$ref: '#/components/schemas/OrganizationMemberBody'}}}
      responses:
        '200': {$ref: '#/components/responses/OrganizationMember'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        '409': {$ref: '#/components/responses/Conflict'}
        default: {$ref: '#/components/responses/Failure'}
  /client/v4/organizations/{organization_id}/members:batchCreate:
    parameters: [{$ref: '#/components/parameters/organization_id'}]
    post:
      operationId: batchCreateOrganizationMembers
      summary: Add up to 100 members, all or none
      x-permission: Organization Write
      tags: [Organizations]
      parameters:
        - {$ref: '#/components/parameters/IdempotencyKey'}
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [members]
              properties:
                members:
                  type: array
                  minItems: 1
                  maxItems: 100
                  items: {$ref: '#/components/schemas/OrganizationMemberBody'}
      responses:
        '200': {$ref: '#/components/responses/OrganizationMembersAdded'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        '409': {$ref: '#/components/responses/Conflict'}
        default: {$ref: '#/components/responses/Failure'}
  /client/v4/organizations/{organization_id}/members/{member_id}:
    parameters: [{$ref: '#/components/parameters/organization_id'}, {$ref: '#/components/parameters/member_id'}]
    get:
      operationId: getOrganizationMember
      summary: One member
      x-permission: Organization Read
      tags: [Organizations]
      parameters:
        - {$ref: '#/components/parameters/IfNoneMatch'}
      responses:
        '200': {$ref: '#/components/responses/OrganizationMember'}
        '304': {$ref: '#/components/responses/NotModified'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        default: {$ref: '#/components/responses/Failure'}
    patch:
      operationId: updateOrganizationMember
      summary: Change role or status (orgd)
      x-permission: Organization Write
      tags: [Organizations]
      parameters:
        - {$ref: '#/components/parameters/IfMatch'}
      requestBody:
        content: {application/json: {schema: {$ref: '#/components/schemas/OrganizationMemberPatch'}}}
      responses:
        '200': {$ref: '#/components/responses/OrganizationMember'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        '409': {$ref: '#/components/responses/Conflict'}
        default: {$ref: '#/components/responses/Failure'}
    delete:
      operationId: deleteOrganizationMember
      summary: Remove a member
      x-permission: Organization Write
      tags: [Organizations]
      parameters:
        - {$ref: '#/components/parameters/IfMatch'}
      responses:
        '200': {$ref: '#/components/responses/Deleted'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        '409': {$ref: '#/components/responses/Conflict'}
        default: {$ref: '#/components/responses/Failure'}
  /client/v4/accounts:
    get:
      operationId: listAccounts
      summary: Accounts that the caller may see
      x-permission: authenticated
      tags: [Accounts]
      parameters:
        - name: name
          in: query
          description: A part of the name.
          schema: {type: string}
        - {$ref: '#/components/parameters/DirectionAscending'}
        - {$ref: '#/components/parameters/Page'}
        - {$ref: '#/components/parameters/PerPage'}
      responses:
        '200': {$ref: '#/components/responses/AccountList'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        default: {$ref: '#/components/responses/Failure'}
    post:
      operationId: createAccount
      summary: Create an account; its bridge is provisioned in the same transaction
      x-permission: authenticated
      tags: [Accounts]
      parameters:
        - {$ref: '#/components/parameters/IdempotencyKey'}
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/AccountBody'}}}
      responses:
        '200': {$ref: '#/components/responses/Account'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        '409': {$ref: '#/components/responses/Conflict'}
        default: {$ref: '#/components/responses/Failure'}
  /client/v4/accounts/move:
    post:
      operationId: moveAccounts
      summary: Move up to 100 accounts, all or none
      x-permission: authenticated
      tags: [Accounts]
      parameters:
        - {$ref: '#/components/parameters/Preview'}
        - {$ref: '#/components/parameters/IdempotencyKey'}
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/AccountsMove'}}}
      responses:
        '200': {$ref: '#/components/responses/AccountsMoved'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        '409': {$ref: '#/components/responses/Conflict'}
        default: {$ref: '#/components/responses/Failure'}
  /client/v4/accounts/{account_id}:
    parameters: [{$ref: '#/components/parameters/account_id'}]
    get:
      operationId: getAccount
      summary: One account
      x-permission: Account Settings Read
      tags: [Accounts]
      parameters:
        - {$ref: '#/components/parameters/IfNoneMatch'}
      responses:
        '200': {$ref: '#/components/responses/Account'}
        '304': {$ref: '#/components/responses/NotModified'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        default: {$ref: '#/components/responses/Failure'}
    put:
      operationId: updateAccount
      summary: Replace an account
      x-permission: Account Settings Write
      tags: [Accounts]
      parameters:
        - {$ref: '#/components/parameters/IfMatch'}
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/AccountUpdate'}}}
      responses:
        '200': {$ref: '#/components/responses/Account'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        '409': {$ref: '#/components/responses/Conflict'}
        default: {$ref: '#/components/responses/Failure'}
    delete:
      operationId: deleteAccount
      summary: Delete an account with everything in it
      x-permission: authenticated
      tags: [Accounts]
      parameters:
        - {$ref: '#/components/parameters/Preview'}
        - {$ref: '#/components/parameters/IfMatch'}
      responses:
        '200': {$ref: '#/components/responses/AccountDeleted'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        '409': {$ref: '#/components/responses/Conflict'}
        default: {$ref: '#/components/responses/Failure'}
  /client/v4/accounts/{account_id}/move:
    parameters: [{$ref: '#/components/parameters/account_id'}]
    post:
      operationId: moveAccount
      summary: Move into, inside or out of an organization
      x-permission: authenticated
      tags: [Accounts]
      parameters:
        - {$ref: '#/components/parameters/Preview'}
        - {$ref: '#/components/parameters/IdempotencyKey'}
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/AccountMove'}}}
      responses:
        '200': {$ref: '#/components/responses/AccountMoved'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        '409': {$ref: '#/components/responses/Conflict'}
        default: {$ref: '#/components/responses/Failure'}
  /client/v4/accounts/{account_id}/entitlements:
    parameters: [{$ref: '#/components/parameters/account_id'}]
    get:
      operationId: listEntitlements
      summary: Entitlements of the account
      x-permission: Account Settings Read
      tags: [Accounts]
      responses:
        '200': {$ref: '#/components/responses/EntitlementList'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        default: {$ref: '#/components/responses/Failure'}
  /client/v4/accounts/{account_id}/members:
    parameters: [{$ref: '#/components/parameters/account_id'}]
    get:
      operationId: listAccountMembers
      summary: Members of an account
      x-permission: Account Settings Read
      tags: [Members]
      parameters:
        - name: order
          in: query
          schema: {type: string, enum: [user.email, user.first_name, user.last_name, status]}
        - {$ref: '#/components/parameters/DirectionAscending'}
        - name: status
          in: query
          schema: {type: string, enum: [accepted, pending, rejected]}
        - {$ref: '#/components/parameters/Page'}
        - {$ref: '#/components/parameters/PerPage'}
      responses:
        '200': {$ref: '#/components/responses/MemberList'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        default: {$ref: '#/components/responses/Failure'}
    post:
      operationId: createAccountMember
      summary: Invite a member
      x-permission: Account Settings Write
      tags: [Members]
      parameters:
        - {$ref: '#/components/parameters/IdempotencyKey'}
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/MemberBody'}}}
      responses:
        '200': {$ref: '#/components/responses/Member'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        '409': {$ref: '#/components/responses/Conflict'}
        default: {$ref: '#/components/responses/Failure'}
  /client/v4/accounts/{account_id}/members/{member_id}:
    parameters: [{$ref: '#/components/parameters/account_id'}, {$ref: '#/components/parameters/member_id'}]
    get:
      operationId: getAccountMember
      summary: One member
      x-permission: Account Settings Read
      tags: [Members]
      parameters:
        - {$ref: '#/components/parameters/IfNoneMatch'}
      responses:
        '200': {$ref: '#/components/responses/Member'}
        '304': {$ref: '#/components/responses/NotModified'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        default: {$ref: '#/components/responses/Failure'}
    put:
      operationId: updateAccountMember
      summary: Replace roles or policies
      x-permission: Account Settings Write
      tags: [Members]
      parameters:
        - {$ref: '#/components/parameters/IfMatch'}
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/MemberUpdate'}}}}
      responses:
        '200': {$ref: '#/components/responses/Member'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        '409': {$ref: '#/components/responses/Conflict'}
        default: {$ref: '#/components/responses/Failure'}
    delete:
      operationId: deleteAccountMember
      summary: Remove a member
      x-permission: Account Settings Write
      tags: [Members]
      parameters:
        - {$ref: '#/components/parameters/IfMatch'}
      responses:
        '200': {$ref: '#/components/responses/Deleted'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        '409': {$ref: '#/components/responses/Conflict'}
        default: {$ref: '#/components/responses/Failure'}
  /client/v4/accounts/{account_id}/roles:
    parameters: [{$ref: '#/components/parameters/account_id'}]
    get:
      operationId: listAccountRoles
      summary: Roles that members can have
      x-permission: Account Settings Read
      tags: [Members]
      parameters:
        - {$ref: '#/components/parameters/Page'}
        - {$ref: '#/components/parameters/PerPage'}
      responses:
        '200': {$ref: '#/components/responses/RoleList'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        default: {$ref: '#/components/responses/Failure'}
  /client/v4/accounts/{account_id}/roles/{role_id}:
    parameters: [{$ref: '#/components/parameters/account_id'}, {$ref: '#/components/parameters/role_id'}]
    get:
      operationId: getAccountRole
      summary: One role
      x-permission: Account Settings Read
      tags: [Members]
      responses:
        '200': {$ref: '#/components/responses/Role'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        default: {$ref: '#/components/responses/Failure'}
  /client/v4/user:
    get:
      operationId: getUser
      summary: The user behind the credentials
      x-permission: User Details Read
      tags: [Members]
      responses:
        '200': {$ref: '#/components/responses/User'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        default: {$ref: '#/components/responses/Failure'}
  /client/v4/memberships:
    get:
      operationId: listMemberships
      summary: Accounts that the user is a member of
      x-permission: Memberships Read
      tags: [Members]
      parameters:
        - {name: account.name, in: query, schema: {type: string}}
        - {name: name, in: query, schema: {type: string}}
        - name: status
          in: query
          schema: {type: string, enum: [accepted, pending, rejected]}
        - {$ref: '#/components/parameters/Page'}
        - {$ref: '#/components/parameters/PerPage'}
      responses:
        '200': {$ref: '#/components/responses/MembershipList'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        default: {$ref: '#/components/responses/Failure'}
  /client/v4/accounts/{account_id}/tokens/permission_groups:
    parameters: [{$ref: '#/components/parameters/account_id'}]
    get:
      operationId: listAccountTokenPermissionGroups
      summary: Permission groups that tokens are made of
      x-permission: Account API Tokens Read
      tags: [API tokens]
      parameters:
        - {name: name, in: query, schema: {type: string}}
        - {name: scope, in: query, schema: {type: string}}
      responses:
        '200': {$ref: '#/components/responses/PermissionGroupList'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        default: {$ref: '#/components/responses/Failure'}
  /client/v4/accounts/{account_id}/tokens/verify:
    parameters: [{$ref: '#/components/parameters/account_id'}]
    get:
      operationId: verifyAccountToken
      summary: Whether the presented token works
      x-permission: authenticated
      tags: [API tokens]
      responses:
        '200': {$ref: '#/components/responses/TokenVerification'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        default: {$ref: '#/components/responses/Failure'}
  /client/v4/accounts/{account_id}/tokens:
    parameters: [{$ref: '#/components/parameters/account_id'}]
    get:
      operationId: listAccountTokens
      summary: API tokens
      x-permission: Account API Tokens Read
      tags: [API tokens]
      parameters:
        - {$ref: '#/components/parameters/DirectionAscending'}
        - {name: include_expired, in: query, schema: {type: boolean, default: false}}
        - {$ref: '#/components/parameters/Page'}
        - {$ref: '#/components/parameters/PerPage'}
      responses:
        '200': {$ref: '#/components/responses/TokenList'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        default: {$ref: '#/components/responses/Failure'}
    post:
      operationId: createAccountToken
      summary: Create an API token
      x-permission: Account API Tokens Write
      tags: [API tokens]
      parameters:
        - {$ref: '#/components/parameters/IdempotencyKey'}
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/TokenBody'}}}
      responses:
        '200': {$ref: '#/components/responses/TokenCreated'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        default: {$ref: '#/components/responses/Failure'}
  /client/v4/accounts/{account_id}/tokens/{token_id}:
    parameters: [{$ref: '#/components/parameters/account_id'}, {$ref: '#/components/parameters/token_id'}]
    get:
      operationId: getAccountToken
      summary: One API token
      x-permission: Account API Tokens Read
      tags: [API tokens]
      parameters:
        - {$ref: '#/components/parameters/IfNoneMatch'}
      responses:
        '200': {$ref: '#/components/responses/Token'}
        '304': {$ref: '#/components/responses/NotModified'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        default: {$ref: '#/components/responses/Failure'}
    put:
      operationId: updateAccountToken
      summary: Replace an API token
      x-permission: Account API Tokens Write
      tags: [API tokens]
      parameters:
        - {$ref: '#/components/parameters/IfMatch'}
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/TokenUpdate'}}}
      responses:
        '200': {$ref: '#/components/responses/Token'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        default: {$ref: '#/components/responses/Failure'}
    delete:
      operationId: deleteAccountToken
      summary: Delete an API token
      x-permission: Account API Tokens Write
      tags: [API tokens]
      parameters:
        - {$ref: '#/components/parameters/IfMatch'}
      responses:
        '200': {$ref: '#/components/responses/Deleted'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        default: {$ref: '#/components/responses/Failure'}
  /client/v4/accounts/{account_id}/tokens/{token_id}/value:
    parameters: [{$ref: '#/components/parameters/account_id'}, {$ref: '#/components/parameters/token_id'}]
    put:
      operationId: rollAccountToken
      summary: Give the token a new value; the old one dies at once
      x-permission: Account API Tokens Write
      tags: [API tokens]
      requestBody:
        content:
          application/json:
            schema: {description: 'No members; an empty body does, and whatever is sent is ignored.'}
      responses:
        '200': {$ref: '#/components/responses/TokenValue'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        default: {$ref: '#/components/responses/Failure'}
  /client/v4/user/tokens/permission_groups:
    get:
      operationId: listUserTokenPermissionGroups
      summary: Permission groups that tokens are made of
      x-permission: API Tokens Read
      tags: [API tokens]
      parameters:
        - {name: name, in: query, schema: {type: string}}
        - {name: scope, in: query, schema: {type: string}}
      responses:
        '200': {$ref: '#/components/responses/PermissionGroupList'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        default: {$ref: '#/components/responses/Failure'}
  /client/v4/user/tokens/verify:
    get:
      operationId: verifyUserToken
      summary: Whether the presented token works
      x-permission: authenticated
      tags: [API tokens]
      responses:
        '200': {$ref: '#/components/responses/TokenVerification'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        default: {$ref: '#/components/responses/Failure'}
  /client/v4/user/tokens:
    get:
      operationId: listUserTokens
      summary: API tokens
      x-permission: API Tokens Read
      tags: [API tokens]
      parameters:
        - {$ref: '#/components/parameters/DirectionAscending'}
        - {name: include_expired, in: query, schema: {type: boolean, default: false}}
        - {$ref: '#/components/parameters/Page'}
        - {$ref: '#/components/parameters/PerPage'}
      responses:
        '200': {$ref: '#/components/responses/TokenList'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        default: {$ref: '#/components/responses/Failure'}
    post:
      operationId: createUserToken
      summary: Create an API token
      x-permission: API Tokens Write
      tags: [API tokens]
      parameters:
        - {$ref: '#/components/parameters/IdempotencyKey'}
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/TokenBody'}}}
      responses:
        '200': {$ref: '#/components/responses/TokenCreated'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        default: {$ref: '#/components/responses/Failure'}
  /client/v4/user/tokens/{token_id}:
    parameters: [{$ref: '#/components/parameters/token_id'}]
    get:
      operationId: getUserToken
      summary: One API token
      x-permission: API Tokens Read
      tags: [API tokens]
      parameters:
        - {$ref: '#/components/parameters/IfNoneMatch'}
      responses:
        '200': {$ref: '#/components/responses/Token'}
        '304': {$ref: '#/components/responses/NotModified'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        default: {$ref: '#/components/responses/Failure'}
    put:
      operationId: updateUserToken
      summary: Replace an API token
      x-permission: API Tokens Write
      tags: [API tokens]
      parameters:
        - {$ref: '#/components/parameters/IfMatch'}
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/TokenUpdate'}}}
      responses:
        '200': {$ref: '#/components/responses/Token'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        default: {$ref: '#/components/responses/Failure'}
    delete:
      operationId: deleteUserToken
      summary: Delete an API token
      x-permission: API Tokens Write
      tags: [API tokens]
      parameters:
        - {$ref: '#/components/parameters/IfMatch'}
      responses:
        '200': {$ref: '#/components/responses/Deleted'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        default: {$ref: '#/components/responses/Failure'}
  /client/v4/user/tokens/{token_id}/value:
    parameters: [{$ref: '#/components/parameters/token_id'}]
    put:
      operationId: rollUserToken
      summary: Give the token a new value; the old one dies at once
      x-permission: API Tokens Write
      tags: [API tokens]
      requestBody:
        content:
          application/json:
            schema: {description: 'No members; an empty body does, and whatever is sent is ignored.'}
      responses:
        '200': {$ref: '#/components/responses/TokenValue'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        default: {$ref: '#/components/responses/Failure'}
  /client/v4/accounts/{account_id}/access/organizations:
    parameters: [{$ref: '#/components/parameters/account_id'}]
    get:
      operationId: getZeroTrustOrganization
      summary: The Zero Trust organization of the account
      x-permission: 'Access: Organizations, Identity Providers, and Groups Read'
      tags: [Zero Trust organization]
      parameters:
        - {$ref: '#/components/parameters/IfNoneMatch'}
      responses:
        '200': {$ref: '#/components/responses/ZeroTrustOrganization'}
        '304': {$ref: '#/components/responses/NotModified'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        default: {$ref: '#/components/responses/Failure'}
    post:
      operationId: createZeroTrustOrganization
      summary: Set up Access in the account
      x-permission: 'Access: Organizations, Identity Providers, and Groups Write'
      tags: [Zero Trust organization]
      parameters:
        - {$ref: '#/components/parameters/IdempotencyKey'}
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/ZeroTrustOrganizationBody'}}}
      responses:
        '201': {$ref: '#/components/responses/ZeroTrustOrganizationCreated'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        '409': {$ref: '#/components/responses/Conflict'}
        default: {$ref: '#/components/responses/Failure'}
    put:
      operationId: replaceZeroTrustOrganization
      summary: Replace it
      x-permission: 'Access: Organizations, Identity Providers, and Groups Write'
      tags: [Zero Trust organization]
      requestBody:
        content: {application/json: {schema: {$ref: '#/components/schemas/ZeroTrustOrganizationUpdate'}}}
      responses:
        '200': {$ref: '#/components/responses/ZeroTrustOrganization'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        '409': {$ref: '#/components/responses/Conflict'}
        default: {$ref: '#/components/responses/Failure'}
    patch:
      operationId: updateZeroTrustOrganization
      summary: Change some of it
      x-permission: 'Access: Organizations, Identity Providers, and Groups Write'
      tags: [Zero Trust organization]
      requestBody:
        content: {application/json: {schema: {$ref: '#/components/schemas/ZeroTrustOrganizationUpdate'}}}
      responses:
        '200': {$ref: '#/components/responses/ZeroTrustOrganization'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        '409': {$ref: '#/components/responses/Conflict'}
        default: {$ref: '#/components/responses/Failure'}
  /client/v4/accounts/{account_id}/access/organizations/revoke_user:
    parameters: [{$ref: '#/components/parameters/account_id'}]
    post:
      operationId: revokeUser
      summary: End all sessions and grants of a user
      x-permission: 'Access: Organizations Revoke'
      tags: [Zero Trust organization]
      parameters:
        - {$ref: '#/components/parameters/IdempotencyKey'}
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/RevokeUserBody'}}}
      responses:
        '200': {$ref: '#/components/responses/Revoked'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        default: {$ref: '#/components/responses/Failure'}
  /client/v4/accounts/{account_id}/access/identity_providers:
    parameters: [{$ref: '#/components/parameters/account_id'}]
    get:
      operationId: listIdentityProviders
      summary: Identity providers, connections of the bridge included
      x-permission: 'Access: Organizations, Identity Providers, and Groups Read'
      tags: [Identity providers]
      parameters:
        - {name: scim_enabled, in: query, schema: {type: boolean}}
        - {$ref: '#/components/parameters/Page'}
        - {$ref: '#/components/parameters/PerPageAccess'}
      responses:
        '200': {$ref: '#/components/responses/IdentityProviderList'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        default: {$ref: '#/components/responses/Failure'}
    post:
      operationId: createIdentityProvider
      summary: Add an identity provider
      x-permission: 'Access: Organizations, Identity Providers, and Groups Write'
      tags: [Identity providers]
      parameters:
        - {$ref: '#/components/parameters/IdempotencyKey'}
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/IdentityProviderBody'}}}
      responses:
        '201': {$ref: '#/components/responses/IdentityProviderCreated'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        '409': {$ref: '#/components/responses/Conflict'}
        default: {$ref: '#/components/responses/Failure'}
  /client/v4/accounts/{account_id}/access/identity_providers/{identity_provider_id}:
    parameters:
      - {$ref: '#/components/parameters/account_id'}
      - {$ref: '#/components/parameters/identity_provider_id'}
    get:
      operationId: getIdentityProvider
      summary: One identity provider
      x-permission: 'Access: Organizations, Identity Providers, and Groups Read'
      tags: [Identity providers]
      parameters:
        - {$ref: '#/components/parameters/IfNoneMatch'}
      responses:
        '200': {$ref: '#/components/responses/IdentityProvider'}
        '304': {$ref: '#/components/responses/NotModified'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        default: {$ref: '#/components/responses/Failure'}
    put:
      operationId: updateIdentityProvider
      summary: Replace an identity provider; its type cannot change
      x-permission: 'Access: Organizations, Identity Providers, and Groups Write'
      tags: [Identity providers]
      parameters:
        - {$ref: '#/components/parameters/IfMatch'}
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/IdentityProviderBody'}}}
      responses:
        '200': {$ref: '#/components/responses/IdentityProvider'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        '409': {$ref: '#/components/responses/Conflict'}
        default: {$ref: '#/components/responses/Failure'}
    delete:
      operationId: deleteIdentityProvider
      summary: Delete an identity provider
      x-permission: 'Access: Organizations, Identity Providers, and Groups Write'
      tags: [Identity providers]
      parameters:
        - {$ref: '#/components/parameters/IfMatch'}
      responses:
        '202': {$ref: '#/components/responses/Deleted'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        '409': {$ref: '#/components/responses/Conflict'}
        default: {$ref: '#/components/responses/Failure'}
  /client/v4/accounts/{account_id}/access/identity_providers/{identity_provider_id}/test:
    parameters:
      - {$ref: '#/components/parameters/account_id'}
      - {$ref: '#/components/parameters/identity_provider_id'}
    post:
      operationId: testIdentityProvider
      summary: Fetch discovery and keys and tell what was found (orgd)
      x-permission: 'Access: Organizations, Identity Providers, and Groups Write'
      tags: [Identity providers]
      requestBody:
        content:
          application/json:
            schema: {description: 'No members; an empty body does, and whatever is sent is ignored.'}
      responses:
        '200': {$ref: '#/components/responses/IdPTest'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        '409': {$ref: '#/components/responses/Conflict'}
        default: {$ref: '#/components/responses/Failure'}
  /client/v4/accounts/{account_id}/access/identity_providers/{identity_provider_id}/discovery_cache:
    parameters:
      - {$ref: '#/components/parameters/account_id'}
      - {$ref: '#/components/parameters/identity_provider_id'}
    delete:
      operationId: deleteIdentityProviderDiscoveryCache
      summary: Force a refresh of discovery and keys (orgd)
      x-permission: 'Access: Organizations, Identity Providers, and Groups Write'
      tags: [Identity providers]
      responses:
        '200': {$ref: '#/components/responses/Empty'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        default: {$ref: '#/components/responses/Failure'}
  /client/v4/accounts/{account_id}/access/identity_providers/{identity_provider_id}/scim/users:
    parameters:
      - {$ref: '#/components/parameters/account_id'}
      - {$ref: '#/components/parameters/identity_provider_id'}
    get:
      operationId: listSCIMUsers
      summary: Users that the identity provider has provisioned
      x-permission: 'Access: Population Read'
      tags: [Identity providers]
      parameters:
        - name: cf_resource_id
          in: query
          schema: {type: array, items: {type: string}}
        - name: idp_resource_id
          in: query
          schema: {type: array, items: {type: string}}
        - {name: email, in: query, schema: {type: string}}
        - {name: name, in: query, schema: {type: string}}
        - {name: username, in: query, schema: {type: string}}
        - {$ref: '#/components/parameters/Page'}
        - {$ref: '#/components/parameters/PerPageAccess'}
      responses:
        '200': {$ref: '#/components/responses/SCIMUserList'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        default: {$ref: '#/components/responses/Failure'}
  /client/v4/accounts/{account_id}/access/identity_providers/{identity_provider_id}/scim/groups:
    parameters:
      - {$ref: '#/components/parameters/account_id'}
      - {$ref: '#/components/parameters/identity_provider_id'}
    get:
      operationId: listSCIMGroups
      summary: Groups that the identity provider has provisioned
      x-permission: 'Access: Population Read'
      tags: [Identity providers]
      parameters:
        - name: cf_resource_id
          in: query
          schema: {type: array, items: {type: string}}
        - name: idp_resource_id
          in: query
          schema: {type: array, items: {type: string}}
        - {name: name, in: query, schema: {type: string}}
        - {$ref: '#/components/parameters/Page'}
        - {$ref: '#/components/parameters/PerPageAccess'}
      responses:
        '200': {$ref: '#/components/responses/SCIMGroupList'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        default: {$ref: '#/components/responses/Failure'}
  /client/v4/accounts/{account_id}/access/idp_federation_grants:
    parameters: [{$ref: '#/components/parameters/account_id'}]
    get:
      operationId: listIdPFederationGrants
      summary: 'Grants: identity providers that may be shared'
      x-permission: 'Access: Organizations, Identity Providers, and Groups Read'
      tags: [IdP bridge]
      responses:

"""##,
##"""
        '200': {$ref: '#/components/responses/FederationGrantList'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        default: {$ref: '#/components/responses/Failure'}
    post:
      operationId: createIdPFederationGrant
      summary: Allow an identity provider to be shared
      x-permission: 'Access: Organizations, Identity Providers, and Groups Write'
      tags: [IdP bridge]
      parameters:
        - {$ref: '#/components/parameters/IdempotencyKey'}
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/FederationGrantBody'}}}
      responses:
        '201': {$ref: '#/components/responses/FederationGrantCreated'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        '409': {$ref: '#/components/responses/Conflict'}
        default: {$ref: '#/components/responses/Failure'}
  /client/v4/accounts/{account_id}/access/idp_federation_grants/{grant_id}:
    parameters: [{$ref: '#/components/parameters/account_id'}, {$ref: '#/components/parameters/grant_id'}]
    get:
      operationId: getIdPFederationGrant
      summary: One grant
      x-permission: 'Access: Organizations, Identity Providers, and Groups Read'
      tags: [IdP bridge]
      responses:
        '200': {$ref: '#/components/responses/FederationGrant'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        default: {$ref: '#/components/responses/Failure'}
    delete:
      operationId: deleteIdPFederationGrant
      summary: End a grant and every connection over it
      x-permission: 'Access: Organizations, Identity Providers, and Groups Write'
      tags: [IdP bridge]
      parameters:
        - {$ref: '#/components/parameters/Preview'}
        - {$ref: '#/components/parameters/IfMatch'}
      responses:
        '200': {$ref: '#/components/responses/EndedOrPreview'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        '409': {$ref: '#/components/responses/Conflict'}
        default: {$ref: '#/components/responses/Failure'}
  /client/v4/organizations/{organization_id}/primary_idp:
    parameters: [{$ref: '#/components/parameters/organization_id'}]
    get:
      operationId: getPrimaryIdP
      summary: The primary identity provider of the organization (orgd)
      x-permission: Organization Read
      tags: [IdP bridge]
      parameters:
        - {$ref: '#/components/parameters/IfNoneMatch'}
      responses:
        '200': {$ref: '#/components/responses/PrimaryIdP'}
        '304': {$ref: '#/components/responses/NotModified'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        default: {$ref: '#/components/responses/Failure'}
    post:
      operationId: setPrimaryIdP
      summary: Designate the primary identity provider and bridge every account (orgd)
      x-permission: Organization Write
      tags: [IdP bridge]
      parameters:
        - name: force
          in: query
          description: Skip the check that an administrator could log in.
          schema: {type: boolean, default: false}
        - {$ref: '#/components/parameters/Preview'}
        - {$ref: '#/components/parameters/IdempotencyKey'}
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/PrimaryIdPBody'}}}
      responses:
        '200': {$ref: '#/components/responses/PrimaryIdPOrPreview'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        '409': {$ref: '#/components/responses/Conflict'}
        default: {$ref: '#/components/responses/Failure'}
    patch:
      operationId: updatePrimaryIdP
      summary: Change mode, exemptions or break-glass addresses (orgd)
      x-permission: Organization Write
      tags: [IdP bridge]
      parameters:
        - name: force
          in: query
          description: Skip the check that an administrator could log in.
          schema: {type: boolean, default: false}
        - {$ref: '#/components/parameters/Preview'}
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/PrimaryIdPPatch'}}}}
      responses:
        '200': {$ref: '#/components/responses/PrimaryIdPOrPreview'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        '409': {$ref: '#/components/responses/Conflict'}
        default: {$ref: '#/components/responses/Failure'}
    delete:
      operationId: deletePrimaryIdP
      summary: End the designation (orgd)
      x-permission: Organization Write
      tags: [IdP bridge]
      parameters:
        - {name: delete_grant, in: query, schema: {type: boolean, default: false}}
        - {$ref: '#/components/parameters/Preview'}
      responses:
        '200': {$ref: '#/components/responses/PrimaryIdPEnded'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        '409': {$ref: '#/components/responses/Conflict'}
        default: {$ref: '#/components/responses/Failure'}
  /client/v4/organizations/{organization_id}/idp_coverage:
    parameters: [{$ref: '#/components/parameters/organization_id'}]
    get:
      operationId: getOrganizationIdPCoverage
      summary: Which accounts are bridged, and what drifts from it (orgd)
      x-permission: Organization Read
      tags: [IdP bridge]
      parameters:
        - name: status
          in: query
          schema: {type: string, enum: [bridged, source, exempt, missing]}
        - {name: drift, in: query, schema: {type: boolean}}
        - {$ref: '#/components/parameters/PageSize'}
        - {$ref: '#/components/parameters/PageToken'}
      responses:
        '200': {$ref: '#/components/responses/OrganizationCoverage'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        default: {$ref: '#/components/responses/Failure'}
  /client/v4/accounts/{account_id}/access/idp_bridge:
    parameters: [{$ref: '#/components/parameters/account_id'}]
    get:
      operationId: getIdPBridge
      summary: State of the bridge of one account (orgd)
      x-permission: 'Access: Organizations, Identity Providers, and Groups Read'
      tags: [IdP bridge]
      responses:
        '200': {$ref: '#/components/responses/IdPBridge'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        '409': {$ref: '#/components/responses/Conflict'}
        default: {$ref: '#/components/responses/Failure'}
    post:
      operationId: createIdPBridge
      summary: Connect the account to the governing primary identity provider (orgd)
      x-permission: 'Access: Organizations, Identity Providers, and Groups Write'
      tags: [IdP bridge]
      parameters:
        - {$ref: '#/components/parameters/IdempotencyKey'}
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/IdPBridgeBody'}}}}
      responses:
        '200': {$ref: '#/components/responses/IdPBridge'}
        '201': {$ref: '#/components/responses/IdPBridgeCreated'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        '409': {$ref: '#/components/responses/Conflict'}
        default: {$ref: '#/components/responses/Failure'}
    delete:
      operationId: deleteIdPBridge
      summary: Disconnect the account (orgd)
      x-permission: 'Access: Organizations, Identity Providers, and Groups Write'
      tags: [IdP bridge]
      parameters:
        - {$ref: '#/components/parameters/Preview'}
      responses:
        '200': {$ref: '#/components/responses/IdPBridgeEnded'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        '409': {$ref: '#/components/responses/Conflict'}
        default: {$ref: '#/components/responses/Failure'}
  /client/v4/accounts/{account_id}/access/bridge:
    parameters: [{$ref: '#/components/parameters/account_id'}]
    get:
      operationId: getAccessBridge
      summary: The same state under another name (orgd)
      x-permission: 'Access: Organizations, Identity Providers, and Groups Read'
      tags: [IdP bridge]
      responses:
        '200': {$ref: '#/components/responses/IdPBridge'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        '409': {$ref: '#/components/responses/Conflict'}
        default: {$ref: '#/components/responses/Failure'}
  /client/v4/accounts/{account_id}/access/idp_coverage:
    parameters: [{$ref: '#/components/parameters/account_id'}]
    get:
      operationId: getAccountIdPCoverage
      summary: Coverage and drift of one account (orgd)
      x-permission: 'Access: Organizations, Identity Providers, and Groups Read'
      tags: [IdP bridge]
      responses:
        '200': {$ref: '#/components/responses/AccountCoverage'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        '409': {$ref: '#/components/responses/Conflict'}
        default: {$ref: '#/components/responses/Failure'}
  /client/v4/accounts/{account_id}/access/tokens/validate:
    parameters: [{$ref: '#/components/parameters/account_id'}]
    post:
      operationId: validateTokens
      summary: Validate ID tokens of the identity providers of the account (orgd)
      x-permission: Token Validation Run
      tags: [IdP bridge]
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/ValidateTokensBody'}}}
      responses:
        '200': {$ref: '#/components/responses/TokenValidations'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        default: {$ref: '#/components/responses/Failure'}
  /client/v4/accounts/{account_id}/shares:
    parameters: [{$ref: '#/components/parameters/account_id'}]
    get:
      operationId: listShares
      summary: Shares sent or received
      x-permission: Resource Sharing Read
      tags: [Shares]
      parameters:
        - {name: kind, in: query, schema: {type: string, enum: [sent, received]}}
        - name: status
          in: query
          schema: {type: string, enum: [active, deleting, deleted]}
        - name: target_type
          in: query
          schema: {type: string, enum: [account, organization]}
        - name: resource_types
          in: query
          schema:
            type: array
            items:
              type: string
              enum:
                - custom-ruleset
                - gateway-policy
                - gateway-destination-ip
                - gateway-block-page-settings
                - gateway-extended-email-matching
                - idp-federation-grant
                - trust-grant
        - name: tag
          in: query
          schema: {type: array, maxItems: 20, items: {type: string}}
        - {name: order, in: query, schema: {type: string, enum: [name, created]}}
        - {$ref: '#/components/parameters/DirectionAscending'}
        - {name: include_resources, in: query, schema: {type: boolean, default: false}}
        - name: include_recipient_counts
          in: query
          schema: {type: boolean, default: false}
        - {$ref: '#/components/parameters/Page'}
        - {$ref: '#/components/parameters/PerPageAccess'}
      responses:
        '200': {$ref: '#/components/responses/ShareList'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        default: {$ref: '#/components/responses/Failure'}
    post:
      operationId: createShare
      summary: Share grants with accounts or organizations
      x-permission: Resource Sharing Write
      tags: [Shares]
      parameters:
        - {$ref: '#/components/parameters/IdempotencyKey'}
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/ShareBody'}}}
      responses:
        '200': {$ref: '#/components/responses/Share'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        '409': {$ref: '#/components/responses/Conflict'}
        default: {$ref: '#/components/responses/Failure'}
  /client/v4/accounts/{account_id}/shares/{share_id}:
    parameters: [{$ref: '#/components/parameters/account_id'}, {$ref: '#/components/parameters/share_id'}]
    get:
      operationId: getShare
      summary: One share
      x-permission: Resource Sharing Read
      tags: [Shares]
      parameters:
        - {name: include_resources, in: query, schema: {type: boolean, default: false}}
        - name: include_recipient_counts
          in: query
          schema: {type: boolean, default: false}
        - {$ref: '#/components/parameters/IfNoneMatch'}
      responses:
        '200': {$ref: '#/components/responses/Share'}
        '304': {$ref: '#/components/responses/NotModified'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        default: {$ref: '#/components/responses/Failure'}
    put:
      operationId: updateShare
      summary: Rename a share
      x-permission: Resource Sharing Write
      tags: [Shares]
      parameters:
        - {$ref: '#/components/parameters/IfMatch'}
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/ShareUpdate'}}}
      responses:
        '200': {$ref: '#/components/responses/Share'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        '409': {$ref: '#/components/responses/Conflict'}
        default: {$ref: '#/components/responses/Failure'}
    delete:
      operationId: deleteShare
      summary: End a share for all its recipients
      x-permission: Resource Sharing Write
      tags: [Shares]
      parameters:
        - {$ref: '#/components/parameters/Preview'}
        - {$ref: '#/components/parameters/IfMatch'}
      responses:
        '200': {$ref: '#/components/responses/ShareOrPreview'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        '409': {$ref: '#/components/responses/Conflict'}
        default: {$ref: '#/components/responses/Failure'}
  /client/v4/accounts/{account_id}/shares/{share_id}/recipients:
    parameters: [{$ref: '#/components/parameters/account_id'}, {$ref: '#/components/parameters/share_id'}]
    get:
      operationId: listShareRecipients
      summary: Recipients of a share, one row for each account
      x-permission: Resource Sharing Read
      tags: [Shares]
      parameters:
        - {name: include_resources, in: query, schema: {type: boolean, default: false}}
        - {$ref: '#/components/parameters/Page'}
        - {$ref: '#/components/parameters/PerPageAccess'}
      responses:
        '200': {$ref: '#/components/responses/ShareRecipientList'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        default: {$ref: '#/components/responses/Failure'}
    post:
      operationId: createShareRecipient
      summary: Add a recipient
      x-permission: Resource Sharing Write
      tags: [Shares]
      parameters:
        - {$ref: '#/components/parameters/IdempotencyKey'}
      requestBody:
        content: {application/json: {schema: {$ref: '#/components/schemas/ShareRecipientBody'}}}
      responses:
        '200': {$ref: '#/components/responses/ShareRecipient'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        '409': {$ref: '#/components/responses/Conflict'}
        default: {$ref: '#/components/responses/Failure'}
  /client/v4/accounts/{account_id}/shares/{share_id}/recipients/{recipient_id}:
    parameters:
      - {$ref: '#/components/parameters/account_id'}
      - {$ref: '#/components/parameters/share_id'}
      - {$ref: '#/components/parameters/recipient_id'}
    get:
      operationId: getShareRecipient
      summary: One recipient
      x-permission: Resource Sharing Read
      tags: [Shares]
      parameters:
        - {name: include_resources, in: query, schema: {type: boolean, default: false}}
      responses:
        '200': {$ref: '#/components/responses/ShareRecipient'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        default: {$ref: '#/components/responses/Failure'}
    delete:
      operationId: deleteShareRecipient
      summary: Remove a recipient
      x-permission: Resource Sharing Write
      tags: [Shares]
      parameters:
        - {$ref: '#/components/parameters/Preview'}
        - {$ref: '#/components/parameters/IfMatch'}
      responses:
        '200': {$ref: '#/components/responses/RecipientOrPreview'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        '409': {$ref: '#/components/responses/Conflict'}
        default: {$ref: '#/components/responses/Failure'}
  /client/v4/accounts/{account_id}/shares/{share_id}/resources:
    parameters: [{$ref: '#/components/parameters/account_id'}, {$ref: '#/components/parameters/share_id'}]
    get:
      operationId: listShareResources
      summary: Resources of a share
      x-permission: Resource Sharing Read
      tags: [Shares]
      parameters:
        - name: resource_type
          in: query
          schema:
            type: string
            enum:
              - custom-ruleset
              - gateway-policy
              - gateway-destination-ip
              - gateway-block-page-settings
              - gateway-extended-email-matching
              - idp-federation-grant
              - trust-grant
        - name: status
          in: query
          schema: {type: string, enum: [active, deleting, deleted]}
        - {$ref: '#/components/parameters/Page'}
        - {$ref: '#/components/parameters/PerPageAccess'}
      responses:
        '200': {$ref: '#/components/responses/ShareResourceList'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        default: {$ref: '#/components/responses/Failure'}
    post:
      operationId: createShareResource
      summary: Add a resource
      x-permission: Resource Sharing Write
      tags: [Shares]
      parameters:
        - {$ref: '#/components/parameters/IdempotencyKey'}
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/ShareResourceBody'}}}
      responses:
        '200': {$ref: '#/components/responses/ShareResource'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        '409': {$ref: '#/components/responses/Conflict'}
        default: {$ref: '#/components/responses/Failure'}
  /client/v4/accounts/{account_id}/shares/{share_id}/resources/{resource_id}:
    parameters:
      - {$ref: '#/components/parameters/account_id'}
      - {$ref: '#/components/parameters/share_id'}
      - {$ref: '#/components/parameters/resource_id'}
    get:
      operationId: getShareResource
      summary: One resource
      x-permission: Resource Sharing Read
      tags: [Shares]
      responses:
        '200': {$ref: '#/components/responses/ShareResource'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        default: {$ref: '#/components/responses/Failure'}
    put:
      operationId: updateShareResource
      summary: Replace its `meta`
      x-permission: Resource Sharing Write
      tags: [Shares]
      parameters:
        - {$ref: '#/components/parameters/IfMatch'}
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/ShareResourceUpdate'}}}
      responses:
        '200': {$ref: '#/components/responses/ShareResource'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        '409': {$ref: '#/components/responses/Conflict'}
        default: {$ref: '#/components/responses/Failure'}
    delete:
      operationId: deleteShareResource
      summary: Remove a resource
      x-permission: Resource Sharing Write
      tags: [Shares]
      parameters:
        - {$ref: '#/components/parameters/IfMatch'}
      responses:
        '200': {$ref: '#/components/responses/ShareResource'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        '409': {$ref: '#/components/responses/Conflict'}
        default: {$ref: '#/components/responses/Failure'}
  /client/v4/accounts/{account_id}/access/apps:
    parameters: [{$ref: '#/components/parameters/account_id'}]
    get:
      operationId: listApplications
      summary: Access applications
      x-permission: 'Access: Apps and Policies Read'
      tags: [Applications]
      parameters:
        - {name: name, in: query, schema: {type: string}}
        - {name: domain, in: query, schema: {type: string}}
        - {name: aud, in: query, schema: {type: string}}
        - {name: search, in: query, schema: {type: string}}
        - {name: exact, in: query, schema: {type: boolean, default: false}}
        - {name: target_attributes, in: query, schema: {type: string}}
        - {$ref: '#/components/parameters/Page'}
        - {$ref: '#/components/parameters/PerPageAccess'}
      responses:
        '200': {$ref: '#/components/responses/ApplicationList'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        default: {$ref: '#/components/responses/Failure'}
    post:
      operationId: createApplication
      summary: Create an application
      x-permission: 'Access: Apps and Policies Write'
      tags: [Applications]
      parameters:
        - {$ref: '#/components/parameters/IdempotencyKey'}
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/ApplicationBody'}}}
      responses:
        '201': {$ref: '#/components/responses/ApplicationCreated'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        '409': {$ref: '#/components/responses/Conflict'}
        default: {$ref: '#/components/responses/Failure'}
  /client/v4/accounts/{account_id}/access/apps/{app_id}:
    parameters: [{$ref: '#/components/parameters/account_id'}, {$ref: '#/components/parameters/app_id'}]
    get:
      operationId: getApplication
      summary: One application
      x-permission: 'Access: Apps and Policies Read'
      tags: [Applications]
      parameters:
        - {$ref: '#/components/parameters/IfNoneMatch'}
      responses:
        '200': {$ref: '#/components/responses/Application'}
        '304': {$ref: '#/components/responses/NotModified'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        default: {$ref: '#/components/responses/Failure'}
    put:
      operationId: updateApplication
      summary: Replace an application
      x-permission: 'Access: Apps and Policies Write'
      tags: [Applications]
      parameters:
        - {$ref: '#/components/parameters/IfMatch'}
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/ApplicationBody'}}}
      responses:
        '200': {$ref: '#/components/responses/Application'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        '409': {$ref: '#/components/responses/Conflict'}
        default: {$ref: '#/components/responses/Failure'}
    delete:
      operationId: deleteApplication
      summary: Delete an application
      x-permission: 'Access: Apps and Policies Write'
      tags: [Applications]
      parameters:
        - {$ref: '#/components/parameters/IfMatch'}
      responses:
        '202': {$ref: '#/components/responses/Deleted'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        '409': {$ref: '#/components/responses/Conflict'}
        default: {$ref: '#/components/responses/Failure'}
  /client/v4/accounts/{account_id}/access/apps/{app_id}/revoke_tokens:
    parameters: [{$ref: '#/components/parameters/account_id'}, {$ref: '#/components/parameters/app_id'}]
    post:
      operationId: revokeApplicationTokens
      summary: End all sessions, codes and grants of the application
      x-permission: 'Access: Apps and Policies Revoke'
      tags: [Applications]
      parameters:
        - {$ref: '#/components/parameters/IdempotencyKey'}
      requestBody:
        content:
          application/json:
            schema: {description: 'No members; an empty body does, and whatever is sent is ignored.'}
      responses:
        '200': {$ref: '#/components/responses/EmptyObject'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        default: {$ref: '#/components/responses/Failure'}
  /client/v4/accounts/{account_id}/access/apps/{app_id}/settings:
    parameters: [{$ref: '#/components/parameters/account_id'}, {$ref: '#/components/parameters/app_id'}]
    put:
      operationId: replaceApplicationSettings
      summary: Replace the settings
      x-permission: 'Access: Apps and Policies Write'
      tags: [Applications]
      requestBody:
        content: {application/json: {schema: {$ref: '#/components/schemas/ApplicationSettings'}}}
      responses:
        '200': {$ref: '#/components/responses/ApplicationSettings'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        default: {$ref: '#/components/responses/Failure'}
    patch:
      operationId: updateApplicationSettings
      summary: Change some settings
      x-permission: 'Access: Apps and Policies Write'
      tags: [Applications]
      requestBody:
        content: {application/json: {schema: {$ref: '#/components/schemas/ApplicationSettings'}}}
      responses:
        '200': {$ref: '#/components/responses/ApplicationSettings'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        default: {$ref: '#/components/responses/Failure'}
  /client/v4/accounts/{account_id}/access/apps/{app_id}/rotate_client_secret:
    parameters: [{$ref: '#/components/parameters/account_id'}, {$ref: '#/components/parameters/app_id'}]
    post:
      operationId: rotateApplicationClientSecret
      summary: New client secret of an OpenID Connect SaaS application (orgd)
      x-permission: 'Access: Apps and Policies Write'
      tags: [Applications]
      parameters:
        - {$ref: '#/components/parameters/IdempotencyKey'}
      requestBody:
        content:
          application/json:
            schema: {description: 'No members; an empty body does, and whatever is sent is ignored.'}
      responses:
        '200': {$ref: '#/components/responses/ApplicationSecret'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        default: {$ref: '#/components/responses/Failure'}
  /client/v4/accounts/{account_id}/access/apps/{app_id}/policies:
    parameters: [{$ref: '#/components/parameters/account_id'}, {$ref: '#/components/parameters/app_id'}]
    get:
      operationId: listApplicationPolicies
      summary: Policies of an application
      x-permission: 'Access: Apps and Policies Read'
      tags: [Applications]
      parameters:
        - {$ref: '#/components/parameters/Page'}
        - {$ref: '#/components/parameters/PerPageAccess'}
      responses:
        '200': {$ref: '#/components/responses/PolicyList'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        default: {$ref: '#/components/responses/Failure'}
    post:
      operationId: createApplicationPolicy
      summary: Add an inline policy
      x-permission: 'Access: Apps and Policies Write'
      tags: [Applications]
      parameters:
        - {$ref: '#/components/parameters/IdempotencyKey'}
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/ApplicationPolicyBody'}}}
      responses:
        '201': {$ref: '#/components/responses/PolicyCreated'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        '409': {$ref: '#/components/responses/Conflict'}
        default: {$ref: '#/components/responses/Failure'}
  /client/v4/accounts/{account_id}/access/apps/{app_id}/policies/{policy_id}:
    parameters:
      - {$ref: '#/components/parameters/account_id'}
      - {$ref: '#/components/parameters/app_id'}
      - {$ref: '#/components/parameters/policy_id'}
    get:
      operationId: getApplicationPolicy
      summary: One policy of an application
      x-permission: 'Access: Apps and Policies Read'
      tags: [Applications]
      parameters:
        - {$ref: '#/components/parameters/IfNoneMatch'}
      responses:
        '200': {$ref: '#/components/responses/Policy'}
        '304': {$ref: '#/components/responses/NotModified'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        default: {$ref: '#/components/responses/Failure'}
    put:
      operationId: updateApplicationPolicy
      summary: Replace an inline policy
      x-permission: 'Access: Apps and Policies Write'
      tags: [Applications]
      parameters:
        - {$ref: '#/components/parameters/IfMatch'}
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/ApplicationPolicyBody'}}}
      responses:
        '200': {$ref: '#/components/responses/Policy'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        '409': {$ref: '#/components/responses/Conflict'}
        default: {$ref: '#/components/responses/Failure'}
    delete:
      operationId: deleteApplicationPolicy
      summary: Delete an inline policy
      x-permission: 'Access: Apps and Policies Write'
      tags: [Applications]
      parameters:
        - {$ref: '#/components/parameters/IfMatch'}
      responses:
        '202': {$ref: '#/components/responses/Deleted'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        '409': {$ref: '#/components/responses/Conflict'}
        default: {$ref: '#/components/responses/Failure'}
  /client/v4/accounts/{account_id}/access/bookmarks:
    parameters: [{$ref: '#/components/parameters/account_id'}]
    get:
      operationId: listBookmarks
      summary: Bookmark applications
      x-permission: 'Access: Apps and Policies Read'
      tags: [Applications]
      description: Deprecated alias of applications of type `bookmark`.
      responses:
        '200': {$ref: '#/components/responses/BookmarkList'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        default: {$ref: '#/components/responses/Failure'}
  /client/v4/accounts/{account_id}/access/bookmarks/{bookmark_id}:
    parameters: [{$ref: '#/components/parameters/account_id'}, {$ref: '#/components/parameters/bookmark_id'}]
    get:
      operationId: getBookmark
      summary: One bookmark
      x-permission: 'Access: Apps and Policies Read'
      tags: [Applications]
      description: Deprecated alias of applications of type `bookmark`.
      responses:
        '200': {$ref: '#/components/responses/Bookmark'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        default: {$ref: '#/components/responses/Failure'}
    post:
      operationId: createBookmark
      summary: Create a bookmark under this id
      x-permission: 'Access: Apps and Policies Write'
      tags: [Applications]
      description: Deprecated alias of applications of type `bookmark`.
      parameters:
        - {$ref: '#/components/parameters/IdempotencyKey'}
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/BookmarkBody'}}}}
      responses:
        '200': {$ref: '#/components/responses/Bookmark'}
        '201': {$ref: '#/components/responses/BookmarkCreated'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        '409': {$ref: '#/components/responses/Conflict'}
        default: {$ref: '#/components/responses/Failure'}
    put:
      operationId: updateBookmark
      summary: Replace a bookmark
      x-permission: 'Access: Apps and Policies Write'
      tags: [Applications]
      description: Deprecated alias of applications of type `bookmark`.
      parameters:
        - {$ref: '#/components/parameters/IfMatch'}
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/BookmarkBody'}}}}
      responses:
        '200': {$ref: '#/components/responses/Bookmark'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        '409': {$ref: '#/components/responses/Conflict'}
        default: {$ref: '#/components/responses/Failure'}
    delete:
      operationId: deleteBookmark
      summary: Delete a bookmark
      x-permission: 'Access: Apps and Policies Write'
      tags: [Applications]
      description: Deprecated alias of applications of type `bookmark`.
      parameters:
        - {$ref: '#/components/parameters/IfMatch'}
      responses:
        '200': {$ref: '#/components/responses/Deleted'}
        '202': {$ref: '#/components/responses/Deleted'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        default: {$ref: '#/components/responses/Failure'}
  /client/v4/accounts/{account_id}/access/ai-controls/mcp/portals:
    parameters: [{$ref: '#/components/parameters/account_id'}]
    get:
      operationId: listMCPPortals
      summary: MCP portals, as applications define them
      x-permission: 'Access: Apps and Policies Read'
      tags: [Applications]
      parameters:
        - {name: search, in: query, schema: {type: string}}
        - {$ref: '#/components/parameters/Page'}
        - {$ref: '#/components/parameters/PerPageAccess'}
      responses:
        '200': {$ref: '#/components/responses/MCPPortalList'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        default: {$ref: '#/components/responses/Failure'}
  /client/v4/accounts/{account_id}/access/ai-controls/mcp/portals/{portal_id}:
    parameters: [{$ref: '#/components/parameters/account_id'}, {$ref: '#/components/parameters/portal_id'}]
    get:
      operationId: getMCPPortal
      summary: One MCP portal
      x-permission: 'Access: Apps and Policies Read'
      tags: [Applications]
      responses:
        '200': {$ref: '#/components/responses/MCPPortal'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        default: {$ref: '#/components/responses/Failure'}
  /client/v4/accounts/{account_id}/access/ai-controls/mcp/servers:
    parameters: [{$ref: '#/components/parameters/account_id'}]
    get:
      operationId: listMCPServers
      summary: MCP servers, as applications define them
      x-permission: 'Access: Apps and Policies Read'
      tags: [Applications]
      parameters:
        - {name: search, in: query, schema: {type: string}}
        - {$ref: '#/components/parameters/Page'}
        - {$ref: '#/components/parameters/PerPageAccess'}
      responses:
        '200': {$ref: '#/components/responses/MCPServerList'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        default: {$ref: '#/components/responses/Failure'}
  /client/v4/accounts/{account_id}/access/ai-controls/mcp/servers/{server_id}:
    parameters: [{$ref: '#/components/parameters/account_id'}, {$ref: '#/components/parameters/server_id'}]
    get:
      operationId: getMCPServer
      summary: One MCP server
      x-permission: 'Access: Apps and Policies Read'
      tags: [Applications]
      responses:
        '200': {$ref: '#/components/responses/MCPServer'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        default: {$ref: '#/components/responses/Failure'}
  /client/v4/accounts/{account_id}/access/policies:
    parameters: [{$ref: '#/components/parameters/account_id'}]
    get:
      operationId: listPolicies
      summary: Reusable policies
      x-permission: 'Access: Apps and Policies Read'
      tags: [Policies and groups]
      parameters:
        - {$ref: '#/components/parameters/Page'}
        - {$ref: '#/components/parameters/PerPageAccess'}
      responses:
        '200': {$ref: '#/components/responses/ReusablePolicyList'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        default: {$ref: '#/components/responses/Failure'}
    post:
      operationId: createPolicy
      summary: Create a reusable policy
      x-permission: 'Access: Apps and Policies Write'
      tags: [Policies and groups]
      parameters:
        - {$ref: '#/components/parameters/IdempotencyKey'}
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/PolicyBody'}}}
      responses:
        '201': {$ref: '#/components/responses/ReusablePolicyCreated'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        '409': {$ref: '#/components/responses/Conflict'}
        default: {$ref: '#/components/responses/Failure'}
  /client/v4/accounts/{account_id}/access/policies/{policy_id}:
    parameters: [{$ref: '#/components/parameters/account_id'}, {$ref: '#/components/parameters/policy_id'}]
    get:
      operationId: getPolicy
      summary: One reusable policy
      x-permission: 'Access: Apps and Policies Read'
      tags: [Policies and groups]
      parameters:
        - {$ref: '#/components/parameters/IfNoneMatch'}
      responses:
        '200': {$ref: '#/components/responses/ReusablePolicy'}
        '304': {$ref: '#/components/responses/NotModified'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        default: {$ref: '#/components/responses/Failure'}
    put:
      operationId: updatePolicy
      summary: Replace a reusable policy
      x-permission: 'Access: Apps and Policies Write'
      tags: [Policies and groups]
      parameters:
        - {$ref: '#/components/parameters/IfMatch'}
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/PolicyBody'}}}
      responses:
        '200': {$ref: '#/components/responses/ReusablePolicy'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        '409': {$ref: '#/components/responses/Conflict'}
        default: {$ref: '#/components/responses/Failure'}
    delete:
      operationId: deletePolicy
      summary: Delete a reusable policy that no application uses
      x-permission: 'Access: Apps and Policies Write'
      tags: [Policies and groups]
      parameters:
        - {$ref: '#/components/parameters/IfMatch'}
      responses:
        '202': {$ref: '#/components/responses/Deleted'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        '409': {$ref: '#/components/responses/Conflict'}
        default: {$ref: '#/components/responses/Failure'}
  /client/v4/accounts/{account_id}/access/policy-tests:
    parameters: [{$ref: '#/components/parameters/account_id'}]
    post:
      operationId: createPolicyTest
      summary: Try policies on every user as they came last
      description: Answers once everybody is judged. Results are kept for seven days.
      x-permission: 'Access: Apps and Policies Write'
      tags: [Policies and groups]
      parameters:
        - {$ref: '#/components/parameters/IdempotencyKey'}
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/PolicyTestBody'}}}
      responses:
        '201': {$ref: '#/components/responses/PolicyTestCreated'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        '409': {$ref: '#/components/responses/Conflict'}
        default: {$ref: '#/components/responses/Failure'}
  /client/v4/accounts/{account_id}/access/policy-tests/{policy_test_id}:
    parameters: [{$ref: '#/components/parameters/account_id'}, {$ref: '#/components/parameters/policy_test_id'}]
    get:
      operationId: getPolicyTest
      summary: How far a policy test is and what it found
      x-permission: 'Access: Apps and Policies Read'
      tags: [Policies and groups]
      responses:
        '200': {$ref: '#/components/responses/PolicyTest'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        default: {$ref: '#/components/responses/Failure'}
  /client/v4/accounts/{account_id}/access/policy-tests/{policy_test_id}/users:
    parameters: [{$ref: '#/components/parameters/account_id'}, {$ref: '#/components/parameters/policy_test_id'}]
    get:
      operationId: listPolicyTestUsers
      summary: What a policy test found for each user
      x-permission: 'Access: Apps and Policies Read'
      tags: [Policies and groups]
      parameters:
        - {name: status, in: query, schema: {type: string, enum: [success, fail, error]}}
        - {$ref: '#/components/parameters/Page'}
        - {$ref: '#/components/parameters/PerPageAccess'}
      responses:
        '200': {$ref: '#/components/responses/PolicyTestUserList'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        default: {$ref: '#/components/responses/Failure'}
  /client/v4/accounts/{account_id}/access/apps/{app_id}/user_policy_checks:
    parameters: [{$ref: '#/components/parameters/account_id'}, {$ref: '#/components/parameters/app_id'}]
    get:
      operationId: checkUserPolicies
      summary: What an application's policies say to somebody, and why
      description: >-
        Judges the caller as they came last, or whomever the query describes: an address whose user came before keeps
        what is known of them where the query says nothing else. Of the request, only what the query says is known.
      x-permission: 'Access: Apps and Policies Read'
      tags: [Policies and groups]
      parameters:
        - {name: email, in: query, description: Who; the caller by default., schema: {type: string}}
        - {name: ip, in: query, description: The address of the client., schema: {type: string}}
        - {name: country, in: query, description: ISO 3166-1 alpha-2., schema: {type: string, pattern: '^[A-Z]{2}$'}}
        - {name: group, in: query, description: Groups of the identity provider., schema: {type: array, items: {type: string}}}
        - {name: amr, in: query, description: Authentication methods (RFC 8176)., schema: {type: array, items: {type: string}}}

"""##,
##"""
        - {name: idp_id, in: query, description: The identity provider of the login., schema: {$ref: '#/components/schemas/UUID'}}
      responses:
        '200': {$ref: '#/components/responses/UserPolicyCheck'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        default: {$ref: '#/components/responses/Failure'}
  /client/v4/accounts/{account_id}/access/groups:
    parameters: [{$ref: '#/components/parameters/account_id'}]
    get:
      operationId: listGroups
      summary: Rule groups
      x-permission: 'Access: Organizations, Identity Providers, and Groups Read'
      tags: [Policies and groups]
      parameters:
        - {name: name, in: query, schema: {type: string}}
        - {name: search, in: query, schema: {type: string}}
        - {$ref: '#/components/parameters/Page'}
        - {$ref: '#/components/parameters/PerPageAccess'}
      responses:
        '200': {$ref: '#/components/responses/GroupList'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        default: {$ref: '#/components/responses/Failure'}
    post:
      operationId: createGroup
      summary: Create a rule group
      x-permission: 'Access: Organizations, Identity Providers, and Groups Write'
      tags: [Policies and groups]
      parameters:
        - {$ref: '#/components/parameters/IdempotencyKey'}
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/GroupBody'}}}
      responses:
        '201': {$ref: '#/components/responses/GroupCreated'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        '409': {$ref: '#/components/responses/Conflict'}
        default: {$ref: '#/components/responses/Failure'}
  /client/v4/accounts/{account_id}/access/groups/{group_id}:
    parameters: [{$ref: '#/components/parameters/account_id'}, {$ref: '#/components/parameters/group_id'}]
    get:
      operationId: getGroup
      summary: One rule group
      x-permission: 'Access: Organizations, Identity Providers, and Groups Read'
      tags: [Policies and groups]
      parameters:
        - {$ref: '#/components/parameters/IfNoneMatch'}
      responses:
        '200': {$ref: '#/components/responses/Group'}
        '304': {$ref: '#/components/responses/NotModified'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        default: {$ref: '#/components/responses/Failure'}
    put:
      operationId: updateGroup
      summary: Replace a rule group
      x-permission: 'Access: Organizations, Identity Providers, and Groups Write'
      tags: [Policies and groups]
      parameters:
        - {$ref: '#/components/parameters/IfMatch'}
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/GroupBody'}}}
      responses:
        '200': {$ref: '#/components/responses/Group'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        '409': {$ref: '#/components/responses/Conflict'}
        default: {$ref: '#/components/responses/Failure'}
    delete:
      operationId: deleteGroup
      summary: Delete a rule group that nothing names
      x-permission: 'Access: Organizations, Identity Providers, and Groups Write'
      tags: [Policies and groups]
      parameters:
        - {$ref: '#/components/parameters/IfMatch'}
      responses:
        '202': {$ref: '#/components/responses/Deleted'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        '409': {$ref: '#/components/responses/Conflict'}
        default: {$ref: '#/components/responses/Failure'}
  /client/v4/accounts/{account_id}/access/tags:
    parameters: [{$ref: '#/components/parameters/account_id'}]
    get:
      operationId: listTags
      summary: Tags
      x-permission: 'Access: Apps and Policies Read'
      tags: [Policies and groups]
      parameters:
        - {$ref: '#/components/parameters/Page'}
        - {$ref: '#/components/parameters/PerPageAccess'}
      responses:
        '200': {$ref: '#/components/responses/TagList'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        default: {$ref: '#/components/responses/Failure'}
    post:
      operationId: createTag
      summary: Create a tag
      x-permission: 'Access: Apps and Policies Write'
      tags: [Policies and groups]
      parameters:
        - {$ref: '#/components/parameters/IdempotencyKey'}
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/TagBody'}}}
      responses:
        '201': {$ref: '#/components/responses/TagCreated'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        '409': {$ref: '#/components/responses/Conflict'}
        default: {$ref: '#/components/responses/Failure'}
  /client/v4/accounts/{account_id}/access/tags/{tag_name}:
    parameters: [{$ref: '#/components/parameters/account_id'}, {$ref: '#/components/parameters/tag_name'}]
    get:
      operationId: getTag
      summary: One tag
      x-permission: 'Access: Apps and Policies Read'
      tags: [Policies and groups]
      parameters:
        - {$ref: '#/components/parameters/IfNoneMatch'}
      responses:
        '200': {$ref: '#/components/responses/Tag'}
        '304': {$ref: '#/components/responses/NotModified'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        default: {$ref: '#/components/responses/Failure'}
    put:
      operationId: updateTag
      summary: Rename a tag
      x-permission: 'Access: Apps and Policies Write'
      tags: [Policies and groups]
      parameters:
        - {$ref: '#/components/parameters/IfMatch'}
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/TagBody'}}}
      responses:
        '200': {$ref: '#/components/responses/Tag'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        '409': {$ref: '#/components/responses/Conflict'}
        default: {$ref: '#/components/responses/Failure'}
    delete:
      operationId: deleteTag
      summary: Delete a tag and detach it from applications
      x-permission: 'Access: Apps and Policies Write'
      tags: [Policies and groups]
      parameters:
        - {$ref: '#/components/parameters/IfMatch'}
      responses:
        '202': {$ref: '#/components/responses/TagDeleted'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        default: {$ref: '#/components/responses/Failure'}
  /client/v4/accounts/{account_id}/access/custom_pages:
    parameters: [{$ref: '#/components/parameters/account_id'}]
    get:
      operationId: listCustomPages
      summary: Custom pages, without their HTML
      x-permission: 'Access: Custom Pages Read'
      tags: [Policies and groups]
      parameters:
        - {$ref: '#/components/parameters/Page'}
        - {$ref: '#/components/parameters/PerPageAccess'}
      responses:
        '200': {$ref: '#/components/responses/CustomPageList'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        default: {$ref: '#/components/responses/Failure'}
    post:
      operationId: createCustomPage
      summary: Create a custom page
      x-permission: 'Access: Custom Pages Write'
      tags: [Policies and groups]
      parameters:
        - {$ref: '#/components/parameters/IdempotencyKey'}
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/CustomPageBody'}}}
      responses:
        '201': {$ref: '#/components/responses/CustomPageCreated'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        '409': {$ref: '#/components/responses/Conflict'}
        default: {$ref: '#/components/responses/Failure'}
  /client/v4/accounts/{account_id}/access/custom_pages/{custom_page_id}:
    parameters: [{$ref: '#/components/parameters/account_id'}, {$ref: '#/components/parameters/custom_page_id'}]
    get:
      operationId: getCustomPage
      summary: One custom page with its HTML
      x-permission: 'Access: Custom Pages Read'
      tags: [Policies and groups]
      parameters:
        - {$ref: '#/components/parameters/IfNoneMatch'}
      responses:
        '200': {$ref: '#/components/responses/CustomPage'}
        '304': {$ref: '#/components/responses/NotModified'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        default: {$ref: '#/components/responses/Failure'}
    put:
      operationId: updateCustomPage
      summary: Replace a custom page
      x-permission: 'Access: Custom Pages Write'
      tags: [Policies and groups]
      parameters:
        - {$ref: '#/components/parameters/IfMatch'}
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/CustomPageBody'}}}
      responses:
        '200': {$ref: '#/components/responses/CustomPage'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        '409': {$ref: '#/components/responses/Conflict'}
        default: {$ref: '#/components/responses/Failure'}
    delete:
      operationId: deleteCustomPage
      summary: Delete a custom page
      x-permission: 'Access: Custom Pages Write'
      tags: [Policies and groups]
      parameters:
        - {$ref: '#/components/parameters/IfMatch'}
      responses:
        '202': {$ref: '#/components/responses/Deleted'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        '409': {$ref: '#/components/responses/Conflict'}
        default: {$ref: '#/components/responses/Failure'}
  /client/v4/accounts/{account_id}/access/service_tokens:
    parameters: [{$ref: '#/components/parameters/account_id'}]
    get:
      operationId: listServiceTokens
      summary: Service tokens
      x-permission: 'Access: Service Tokens Read'
      tags: [Service tokens and keys]
      parameters:
        - {name: name, in: query, schema: {type: string}}
        - {name: search, in: query, schema: {type: string}}
        - {$ref: '#/components/parameters/Page'}
        - {$ref: '#/components/parameters/PerPageAccess'}
      responses:
        '200': {$ref: '#/components/responses/ServiceTokenList'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        default: {$ref: '#/components/responses/Failure'}
    post:
      operationId: createServiceToken
      summary: Create a service token; its secret is shown this once
      x-permission: 'Access: Service Tokens Write'
      tags: [Service tokens and keys]
      parameters:
        - {$ref: '#/components/parameters/IdempotencyKey'}
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/ServiceTokenBody'}}}
      responses:
        '201': {$ref: '#/components/responses/ServiceTokenCreated'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        default: {$ref: '#/components/responses/Failure'}
  /client/v4/accounts/{account_id}/access/service_tokens/{service_token_id}:
    parameters: [{$ref: '#/components/parameters/account_id'}, {$ref: '#/components/parameters/service_token_id'}]
    get:
      operationId: getServiceToken
      summary: One service token
      x-permission: 'Access: Service Tokens Read'
      tags: [Service tokens and keys]
      parameters:
        - {$ref: '#/components/parameters/IfNoneMatch'}
      responses:
        '200': {$ref: '#/components/responses/ServiceToken'}
        '304': {$ref: '#/components/responses/NotModified'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        default: {$ref: '#/components/responses/Failure'}
    put:
      operationId: updateServiceToken
      summary: Renew a service token; its duration counts from now
      x-permission: 'Access: Service Tokens Write'
      tags: [Service tokens and keys]
      parameters:
        - {$ref: '#/components/parameters/IfMatch'}
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/ServiceTokenBody'}}}
      responses:
        '200': {$ref: '#/components/responses/ServiceToken'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        '409': {$ref: '#/components/responses/Conflict'}
        default: {$ref: '#/components/responses/Failure'}
    delete:
      operationId: deleteServiceToken
      summary: Delete a service token that no policy names
      x-permission: 'Access: Service Tokens Write'
      tags: [Service tokens and keys]
      parameters:
        - {$ref: '#/components/parameters/IfMatch'}
      responses:
        '200': {$ref: '#/components/responses/ServiceToken'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        '409': {$ref: '#/components/responses/Conflict'}
        default: {$ref: '#/components/responses/Failure'}
  /client/v4/accounts/{account_id}/access/service_tokens/{service_token_id}/refresh:
    parameters: [{$ref: '#/components/parameters/account_id'}, {$ref: '#/components/parameters/service_token_id'}]
    post:
      operationId: refreshServiceToken
      summary: Extend it to a year from now
      x-permission: 'Access: Service Tokens Write'
      tags: [Service tokens and keys]
      parameters:
        - {$ref: '#/components/parameters/IdempotencyKey'}
      requestBody:
        content:
          application/json:
            schema: {description: 'No members; an empty body does, and whatever is sent is ignored.'}
      responses:
        '200': {$ref: '#/components/responses/ServiceToken'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        default: {$ref: '#/components/responses/Failure'}
  /client/v4/accounts/{account_id}/access/service_tokens/{service_token_id}/rotate:
    parameters: [{$ref: '#/components/parameters/account_id'}, {$ref: '#/components/parameters/service_token_id'}]
    post:
      operationId: rotateServiceToken
      summary: New secret, shown this once
      x-permission: 'Access: Service Tokens Write'
      tags: [Service tokens and keys]
      parameters:
        - {$ref: '#/components/parameters/IdempotencyKey'}
      requestBody:
        content: {application/json: {schema: {$ref: '#/components/schemas/RotateServiceTokenBody'}}}
      responses:
        '200': {$ref: '#/components/responses/ServiceTokenRotated'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        default: {$ref: '#/components/responses/Failure'}
  /client/v4/accounts/{account_id}/access/keys:
    parameters: [{$ref: '#/components/parameters/account_id'}]
    get:
      operationId: getKeys
      summary: Signing key rotation
      x-permission: 'Access: Organizations, Identity Providers, and Groups Read'
      tags: [Service tokens and keys]
      responses:
        '200': {$ref: '#/components/responses/Keys'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        default: {$ref: '#/components/responses/Failure'}
    put:
      operationId: updateKeys
      summary: Set the rotation interval
      x-permission: 'Access: Organizations, Identity Providers, and Groups Write'
      tags: [Service tokens and keys]
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/KeysBody'}}}
      responses:
        '200': {$ref: '#/components/responses/Keys'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        default: {$ref: '#/components/responses/Failure'}
  /client/v4/accounts/{account_id}/access/keys/rotate:
    parameters: [{$ref: '#/components/parameters/account_id'}]
    post:
      operationId: rotateKeys
      summary: Rotate the signing key now
      x-permission: 'Access: Organizations, Identity Providers, and Groups Write'
      tags: [Service tokens and keys]
      parameters:
        - {$ref: '#/components/parameters/IdempotencyKey'}
      requestBody:
        content:
          application/json:
            schema: {description: 'No members; an empty body does, and whatever is sent is ignored.'}
      responses:
        '200': {$ref: '#/components/responses/Keys'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        default: {$ref: '#/components/responses/Failure'}
  /client/v4/accounts/{account_id}/access/users:
    parameters: [{$ref: '#/components/parameters/account_id'}]
    get:
      operationId: listAccessUsers
      summary: Users of Access
      x-permission: Zero Trust Read
      tags: [Users and seats]
      parameters:
        - {name: email, in: query, schema: {type: string}}
        - {name: name, in: query, schema: {type: string}}
        - {name: search, in: query, schema: {type: string}}
        - {$ref: '#/components/parameters/Page'}
        - {$ref: '#/components/parameters/PerPageAccess'}
      responses:
        '200': {$ref: '#/components/responses/AccessUserList'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        default: {$ref: '#/components/responses/Failure'}
    post:
      operationId: createAccessUser
      summary: Create a user ahead of the first login
      x-permission: Zero Trust Write
      tags: [Users and seats]
      parameters:
        - {$ref: '#/components/parameters/IdempotencyKey'}
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/AccessUserBody'}}}
      responses:
        '201': {$ref: '#/components/responses/AccessUserCreated'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        '409': {$ref: '#/components/responses/Conflict'}
        default: {$ref: '#/components/responses/Failure'}
  /client/v4/accounts/{account_id}/access/users/{user_id}:
    parameters: [{$ref: '#/components/parameters/account_id'}, {$ref: '#/components/parameters/user_id'}]
    get:
      operationId: getAccessUser
      summary: One user
      x-permission: Zero Trust Read
      tags: [Users and seats]
      parameters:
        - {$ref: '#/components/parameters/IfNoneMatch'}
      responses:
        '200': {$ref: '#/components/responses/AccessUser'}
        '304': {$ref: '#/components/responses/NotModified'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        default: {$ref: '#/components/responses/Failure'}
    put:
      operationId: updateAccessUser
      summary: Replace a user
      x-permission: Zero Trust Write
      tags: [Users and seats]
      parameters:
        - {$ref: '#/components/parameters/IfMatch'}
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/AccessUserBody'}}}
      responses:
        '200': {$ref: '#/components/responses/AccessUser'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        '409': {$ref: '#/components/responses/Conflict'}
        default: {$ref: '#/components/responses/Failure'}
    delete:
      operationId: deleteAccessUser
      summary: Delete a user
      x-permission: Zero Trust Write
      tags: [Users and seats]
      parameters:
        - {$ref: '#/components/parameters/IfMatch'}
      responses:
        '202': {$ref: '#/components/responses/Deleted'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        default: {$ref: '#/components/responses/Failure'}
  /client/v4/accounts/{account_id}/access/users/{user_id}/active_sessions:
    parameters: [{$ref: '#/components/parameters/account_id'}, {$ref: '#/components/parameters/user_id'}]
    get:
      operationId: listActiveSessions
      summary: Sessions of a user
      x-permission: Zero Trust Read
      tags: [Users and seats]
      responses:
        '200': {$ref: '#/components/responses/Sessions'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        default: {$ref: '#/components/responses/Failure'}
  /client/v4/accounts/{account_id}/access/users/{user_id}/active_sessions/{nonce}:
    parameters:
      - {$ref: '#/components/parameters/account_id'}
      - {$ref: '#/components/parameters/user_id'}
      - {$ref: '#/components/parameters/nonce'}
    get:
      operationId: getActiveSession
      summary: One session of a user
      x-permission: Zero Trust Read
      tags: [Users and seats]
      responses:
        '200': {$ref: '#/components/responses/Session'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        default: {$ref: '#/components/responses/Failure'}
  /client/v4/accounts/{account_id}/access/users/{user_id}/last_seen_identity:
    parameters: [{$ref: '#/components/parameters/account_id'}, {$ref: '#/components/parameters/user_id'}]
    get:
      operationId: getLastSeenIdentity
      summary: The identity of the last login
      x-permission: Zero Trust Read
      tags: [Users and seats]
      responses:
        '200': {$ref: '#/components/responses/Session'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        default: {$ref: '#/components/responses/Failure'}
  /client/v4/accounts/{account_id}/access/users/{user_id}/failed_logins:
    parameters: [{$ref: '#/components/parameters/account_id'}, {$ref: '#/components/parameters/user_id'}]
    get:
      operationId: listFailedLogins
      summary: Failed logins of a user
      x-permission: 'Access: Audit Logs Read'
      tags: [Users and seats]
      responses:
        '200': {$ref: '#/components/responses/FailedLogins'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        default: {$ref: '#/components/responses/Failure'}
  /client/v4/accounts/{account_id}/access/logs/access_requests:
    parameters: [{$ref: '#/components/parameters/account_id'}]
    get:
      operationId: listAccessRequests
      summary: Log of logins
      description: >-
        Logins, logouts, refusals and uses of service tokens, the newest first. Looking at it leaves a row in the audit log.
        Rows are kept 548 days.
      x-permission: 'Access: Audit Logs Read'
      tags: [Users and seats]
      parameters:
        - name: since
          in: query
          description: Date or instant; inclusive.
          schema: {type: string, pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}([Tt ].*)?$'}
        - name: until
          in: query
          description: Date or instant; inclusive.
          schema: {type: string, pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}([Tt ].*)?$'}
        - {name: email, in: query, description: A part of the address unless emailOp or email_exact says otherwise., schema: {type: string}}
        - {name: emailOp, in: query, schema: {type: string, enum: [eq, neq, contains]}}
        - {name: email_exact, in: query, description: The whole address. Wins over emailOp=contains., schema: {type: boolean}}
        - {name: allowed, in: query, schema: {type: boolean}}
        - {name: allowedOp, in: query, schema: {type: string, enum: [eq, neq]}}
        - {name: app_uid, in: query, schema: {type: string}}
        - {name: app_uidOp, in: query, schema: {type: string, enum: [eq, neq]}}
        - {name: app_type, in: query, schema: {type: string}}
        - {name: app_typeOp, in: query, schema: {type: string, enum: [eq, neq]}}
        - {name: country_code, in: query, schema: {type: string}}
        - {name: country_codeOp, in: query, schema: {type: string, enum: [eq, neq]}}
        - {name: idp, in: query, description: The id of an identity provider or connection or a type of them., schema: {type: string}}
        - {name: idpOp, in: query, schema: {type: string, enum: [eq, neq]}}
        - {name: non_identity, in: query, description: Only machines or only people., schema: {type: boolean}}
        - {name: non_identityOp, in: query, schema: {type: string, enum: [eq, neq]}}
        - {name: ray_id, in: query, schema: {type: string}}
        - {name: ray_idOp, in: query, schema: {type: string, enum: [eq, neq]}}
        - {name: fields, in: query, description: Comma-separated members of a row; all without it., schema: {type: string}}
        - name: limit
          in: query
          description: Rows a page has at most; 25 where per_page is not given either.
          schema: {type: integer, minimum: 1, maximum: 1000}
        - {$ref: '#/components/parameters/Page'}
        - {name: per_page, in: query, schema: {type: integer, minimum: 1, maximum: 1000}}
        - {$ref: '#/components/parameters/DirectionDescending'}
      responses:
        '200': {$ref: '#/components/responses/AccessRequestList'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        default: {$ref: '#/components/responses/Failure'}
  /client/v4/accounts/{account_id}/access/logs/scim/updates:
    parameters: [{$ref: '#/components/parameters/account_id'}]
    get:
      operationId: listSCIMUpdates
      summary: Log of SCIM updates, always empty
      x-permission: 'Access: Audit Logs Read'
      tags: [Users and seats]
      parameters:
        - {$ref: '#/components/parameters/Page'}
        - {$ref: '#/components/parameters/PerPageAccess'}
      responses:
        '200': {$ref: '#/components/responses/AccessRequestList'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        default: {$ref: '#/components/responses/Failure'}
  /client/v4/accounts/{account_id}/access/apps/{app_id}/oauth_clients:
    parameters: [{$ref: '#/components/parameters/account_id'}, {$ref: '#/components/parameters/app_id'}]
    get:
      operationId: listOAuthClients
      summary: Programs that act for people at an application
      x-permission: 'Access: Apps and Policies Read'
      tags: [Managed OAuth]
      responses:
        '200': {$ref: '#/components/responses/OAuthClientList'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        default: {$ref: '#/components/responses/Failure'}
  /client/v4/accounts/{account_id}/access/apps/{app_id}/oauth_clients/{client}:
    parameters:
      - {$ref: '#/components/parameters/account_id'}
      - {$ref: '#/components/parameters/app_id'}
      - {$ref: '#/components/parameters/client'}
    delete:
      operationId: deleteOAuthClient
      summary: End a program's grants at an application
      description: The client itself ends too, unless another application has grants of it.
      x-permission: 'Access: Apps and Policies Revoke'
      tags: [Managed OAuth]
      responses:
        '202': {$ref: '#/components/responses/Deleted'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        default: {$ref: '#/components/responses/Failure'}
  /client/v4/accounts/{account_id}/access/users/{user_id}/oauth_grants:
    parameters: [{$ref: '#/components/parameters/account_id'}, {$ref: '#/components/parameters/user_id'}]
    get:
      operationId: listOAuthGrants
      summary: What a user has allowed programs
      x-permission: Zero Trust Read
      tags: [Managed OAuth]
      responses:
        '200': {$ref: '#/components/responses/OAuthGrantList'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        default: {$ref: '#/components/responses/Failure'}
  /client/v4/accounts/{account_id}/access/users/{user_id}/oauth_grants/{grant_id}:
    parameters:
      - {$ref: '#/components/parameters/account_id'}
      - {$ref: '#/components/parameters/user_id'}
      - {$ref: '#/components/parameters/grant_id'}
    delete:
      operationId: deleteOAuthGrant
      summary: End what a user has allowed a program
      x-permission: Zero Trust Write
      tags: [Managed OAuth]
      responses:
        '202': {$ref: '#/components/responses/Deleted'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        default: {$ref: '#/components/responses/Failure'}
  /client/v4/accounts/{account_id}/access/seats:
    parameters: [{$ref: '#/components/parameters/account_id'}]
    patch:
      operationId: updateSeats
      summary: Give or free seats
      x-permission: Zero Trust Write
      tags: [Users and seats]
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/SeatsBody'}}}
      responses:
        '200': {$ref: '#/components/responses/SeatList'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        default: {$ref: '#/components/responses/Failure'}
  /client/v4/accounts/{account_id}/logs/audit:
    parameters: [{$ref: '#/components/parameters/account_id'}]
    get:
      operationId: listAccountAuditLogs
      summary: Audit log of an account
      x-permission: Account Settings Read
      tags: [Audit log]
      parameters:
        - name: since
          in: query
          required: true
          description: Date or instant; inclusive.
          schema: {type: string, pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}([Tt ].*)?$'}
        - name: before
          in: query
          required: true
          description: Date or instant; exclusive.
          schema: {type: string, pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}([Tt ].*)?$'}
        - {$ref: '#/components/parameters/filter.id'}
        - {$ref: '#/components/parameters/filter.id.not'}
        - {$ref: '#/components/parameters/filter.audit_log_id'}
        - {$ref: '#/components/parameters/filter.audit_log_id.not'}
        - {$ref: '#/components/parameters/filter.account_name'}
        - {$ref: '#/components/parameters/filter.account_name.not'}
        - {$ref: '#/components/parameters/filter.action_result'}
        - {$ref: '#/components/parameters/filter.action_result.not'}
        - {$ref: '#/components/parameters/filter.action_type'}
        - {$ref: '#/components/parameters/filter.action_type.not'}
        - {$ref: '#/components/parameters/filter.actor_context'}
        - {$ref: '#/components/parameters/filter.actor_context.not'}
        - {$ref: '#/components/parameters/filter.actor_email'}
        - {$ref: '#/components/parameters/filter.actor_email.not'}
        - {$ref: '#/components/parameters/filter.actor_id'}
        - {$ref: '#/components/parameters/filter.actor_id.not'}
        - {$ref: '#/components/parameters/filter.actor_ip_address'}
        - {$ref: '#/components/parameters/filter.actor_ip_address.not'}
        - {$ref: '#/components/parameters/filter.actor_token_id'}
        - {$ref: '#/components/parameters/filter.actor_token_id.not'}
        - {$ref: '#/components/parameters/filter.actor_token_name'}
        - {$ref: '#/components/parameters/filter.actor_token_name.not'}
        - {$ref: '#/components/parameters/filter.actor_type'}
        - {$ref: '#/components/parameters/filter.actor_type.not'}
        - {$ref: '#/components/parameters/filter.raw_cf_ray_id'}
        - {$ref: '#/components/parameters/filter.raw_cf_ray_id.not'}
        - {$ref: '#/components/parameters/filter.raw_method'}
        - {$ref: '#/components/parameters/filter.raw_method.not'}
        - {$ref: '#/components/parameters/filter.raw_status_code'}
        - {$ref: '#/components/parameters/filter.raw_status_code.not'}
        - {$ref: '#/components/parameters/filter.raw_uri'}
        - {$ref: '#/components/parameters/filter.raw_uri.not'}
        - {$ref: '#/components/parameters/filter.resource_id'}
        - {$ref: '#/components/parameters/filter.resource_id.not'}
        - {$ref: '#/components/parameters/filter.resource_product'}
        - {$ref: '#/components/parameters/filter.resource_product.not'}
        - {$ref: '#/components/parameters/filter.resource_scope'}
        - {$ref: '#/components/parameters/filter.resource_scope.not'}
        - {$ref: '#/components/parameters/filter.resource_type'}
        - {$ref: '#/components/parameters/filter.resource_type.not'}
        - {$ref: '#/components/parameters/filter.zone_id'}
        - {$ref: '#/components/parameters/filter.zone_id.not'}
        - {$ref: '#/components/parameters/filter.zone_name'}
        - {$ref: '#/components/parameters/filter.zone_name.not'}
        - name: product_category
          in: query
          schema: {type: array, items: {type: string}}
        - {$ref: '#/components/parameters/Limit'}
        - {$ref: '#/components/parameters/Cursor'}
        - {$ref: '#/components/parameters/DirectionDescending'}
      responses:
        '200': {$ref: '#/components/responses/AuditRowList'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        default: {$ref: '#/components/responses/Failure'}
  /client/v4/accounts/{account_id}/logs/audit/{audit_id}/history:
    parameters: [{$ref: '#/components/parameters/account_id'}, {$ref: '#/components/parameters/audit_id'}]
    get:
      operationId: listAccountAuditLogHistory
      summary: Everything that happened to the same resource
      x-permission: Account Settings Read
      tags: [Audit log]
      parameters:
        - name: action_time
          in: query
          required: true
          schema: {type: string, pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}([Tt ].*)?$'}
        - name: since
          in: query
          required: true
          description: Date or instant; inclusive.
          schema: {type: string, pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}([Tt ].*)?$'}
        - name: before
          in: query
          required: true
          description: Date or instant; exclusive.
          schema: {type: string, pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}([Tt ].*)?$'}
        - {$ref: '#/components/parameters/Limit'}
        - {$ref: '#/components/parameters/Cursor'}
        - {$ref: '#/components/parameters/DirectionDescending'}
      responses:
        '200': {$ref: '#/components/responses/AuditRowList'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        default: {$ref: '#/components/responses/Failure'}
  /client/v4/accounts/{account_id}/logs/audit/product_categories:
    parameters: [{$ref: '#/components/parameters/account_id'}]
    get:
      operationId: listAuditLogProductCategories
      summary: Products that audit rows name
      x-permission: Account Settings Read
      tags: [Audit log]
      responses:
        '200': {$ref: '#/components/responses/ProductCategoryList'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        default: {$ref: '#/components/responses/Failure'}
  /client/v4/organizations/{organization_id}/logs/audit:
    parameters: [{$ref: '#/components/parameters/organization_id'}]
    get:
      operationId: listOrganizationAuditLogs
      summary: Audit log of an organization
      x-permission: Organization Read
      tags: [Audit log]
      parameters:
        - name: since
          in: query
          required: true
          description: Date or instant; inclusive.
          schema: {type: string, pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}([Tt ].*)?$'}
        - name: before
          in: query
          required: true
          description: Date or instant; exclusive.
          schema: {type: string, pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}([Tt ].*)?$'}
        - {$ref: '#/components/parameters/filter.id'}
        - {$ref: '#/components/parameters/filter.id.not'}
        - {$ref: '#/components/parameters/filter.audit_log_id'}
        - {$ref: '#/components/parameters/filter.audit_log_id.not'}
        - {$ref: '#/components/parameters/filter.action_result'}
        - {$ref: '#/components/parameters/filter.action_result.not'}
        - {$ref: '#/components/parameters/filter.action_type'}
        - {$ref: '#/components/parameters/filter.action_type.not'}
        - {$ref: '#/components/parameters/filter.actor_context'}
        - {$ref: '#/components/parameters/filter.actor_context.not'}
        - {$ref: '#/components/parameters/filter.actor_email'}
        - {$ref: '#/components/parameters/filter.actor_email.not'}
        - {$ref: '#/components/parameters/filter.actor_id'}
        - {$ref: '#/components/parameters/filter.actor_id.not'}
        - {$ref: '#/components/parameters/filter.actor_ip_address'}
        - {$ref: '#/components/parameters/filter.actor_ip_address.not'}
        - {$ref: '#/components/parameters/filter.actor_token_id'}
        - {$ref: '#/components/parameters/filter.actor_token_id.not'}
        - {$ref: '#/components/parameters/filter.actor_token_name'}
        - {$ref: '#/components/parameters/filter.actor_token_name.not'}
        - {$ref: '#/components/parameters/filter.actor_type'}
        - {$ref: '#/components/parameters/filter.actor_type.not'}
        - {$ref: '#/components/parameters/filter.raw_cf_ray_id'}
        - {$ref: '#/components/parameters/filter.raw_cf_ray_id.not'}
        - {$ref: '#/components/parameters/filter.raw_method'}
        - {$ref: '#/components/parameters/filter.raw_method.not'}
        - {$ref: '#/components/parameters/filter.raw_status_code'}
        - {$ref: '#/components/parameters/filter.raw_status_code.not'}
        - {$ref: '#/components/parameters/filter.raw_uri'}
        - {$ref: '#/components/parameters/filter.raw_uri.not'}
        - {$ref: '#/components/parameters/filter.resource_id'}
        - {$ref: '#/components/parameters/filter.resource_id.not'}
        - {$ref: '#/components/parameters/filter.resource_product'}
        - {$ref: '#/components/parameters/filter.resource_product.not'}
        - {$ref: '#/components/parameters/filter.resource_scope'}
        - {$ref: '#/components/parameters/filter.resource_scope.not'}
        - {$ref: '#/components/parameters/filter.resource_type'}
        - {$ref: '#/components/parameters/filter.resource_type.not'}
        - name: include_accounts
          in: query
          description: 'orgd: with the rows of its accounts.'
          schema: {type: boolean, default: false}
        - {$ref: '#/components/parameters/Limit'}
        - {$ref: '#/components/parameters/Cursor'}
        - {$ref: '#/components/parameters/DirectionDescending'}
      responses:
        '200': {$ref: '#/components/responses/AuditRowList'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        default: {$ref: '#/components/responses/Failure'}
  /client/v4/organizations/{organization_id}/logs/audit/{audit_id}/history:
    parameters: [{$ref: '#/components/parameters/organization_id'}, {$ref: '#/components/parameters/audit_id'}]
    get:
      operationId: listOrganizationAuditLogHistory
      summary: Everything that happened to the same resource
      x-permission: Organization Read
      tags: [Audit log]
      parameters:
        - name: action_time
          in: query
          required: true
          schema: {type: string, pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}([Tt ].*)?$'}
        - name: since
          in: query
          required: true
          description: Date or instant; inclusive.
          schema: {type: string, pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}([Tt ].*)?$'}
        - name: before
          in: query
          required: true
          description: Date or instant; exclusive.
          schema: {type: string, pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}([Tt ].*)?$'}
        - {$ref: '#/components/parameters/Limit'}
        - {$ref: '#/components/parameters/Cursor'}
        - {$ref: '#/components/parameters/DirectionDescending'}
      responses:
        '200': {$ref: '#/components/responses/AuditRowList'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        default: {$ref: '#/components/responses/Failure'}
  /client/v4/organizations/{organization_id}/logs/audit/integrity:
    parameters: [{$ref: '#/components/parameters/organization_id'}]
    get:
      operationId: getAuditLogIntegrity
      summary: Check the hash chain (orgd)
      x-permission: Organization Read
      tags: [Audit log]
      responses:
        '200': {$ref: '#/components/responses/AuditIntegrity'}
        '400': {$ref: '#/components/responses/BadRequest'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        default: {$ref: '#/components/responses/Failure'}
  /healthz:
    get:
      operationId: getHealth
      summary: Whether the process answers
      x-permission: none
      tags: [Server]
      security: []
      responses:
        '200':
          description: Whether the process answers.
          content: {text/plain: {schema: {type: string}}}
  /readyz:
    get:
      operationId: getReadiness
      summary: Whether the database is writable and migrated
      x-permission: none
      tags: [Server]
      security: []
      responses:
        '200':
          description: Whether the database is writable and migrated.
          content: {text/plain: {schema: {type: string}}}
        '503':
          description: Not ready; the text says why.
          content: {text/plain: {schema: {type: string}}}
  /metrics:
    get:
      operationId: getMetrics
      summary: Prometheus metrics
      x-permission: none
      tags: [Server]
      security: []
      responses:
        '200':
          description: Prometheus metrics.
          content: {text/plain: {schema: {type: string}}}
  /openapi.yaml:
    get:
      operationId: getOpenAPI
      summary: This document
      x-permission: none
      tags: [Server]
      security: []
      responses:
        '200':
          description: This document.
          content: {application/yaml: {schema: {type: object}}}
  /.well-known/api-catalog:
    get:
      operationId: getAPICatalog
      summary: RFC 9727 catalog
      x-permission: none
      tags: [Server]
      security: []
      responses:
        '200':
          description: RFC 9727 catalog.
          content:
            application/linkset+json: {schema: {type: object}}
            text/markdown: {schema: {type: string}}
components:
  securitySchemes:
    bearer:
      type: http
      scheme: bearer
      description: >-
        An API token (`cfat_…`, `cfut_…`), an ID token of the primary identity provider whose subject is a member, or an access
        token (`oauth:…`) that a member let a program have. A program finds out where from
        `/.well-known/oauth-protected-resource/client/v4` (RFC 9728).
  parameters:
    account_id: {name: account_id, in: path, required: true, schema: {$ref: '#/components/schemas/Hex'}}
    organization_id:
      name: organization_id
      in: path
      required: true
      schema: {$ref: '#/components/schemas/Hex'}
    member_id: {name: member_id, in: path, required: true, schema: {$ref: '#/components/schemas/Hex'}}
    token_id: {name: token_id, in: path, required: true, schema: {$ref: '#/components/schemas/Hex'}}
    role_id: {name: role_id, in: path, required: true, schema: {$ref: '#/components/schemas/Hex'}}
    share_id: {name: share_id, in: path, required: true, schema: {$ref: '#/components/schemas/Hex'}}
    recipient_id: {name: recipient_id, in: path, required: true, schema: {$ref: '#/components/schemas/Hex'}}
    resource_id: {name: resource_id, in: path, required: true, schema: {$ref: '#/components/schemas/Hex'}}
    service_token_id:
      name: service_token_id
      in: path
      required: true
      schema: {$ref: '#/components/schemas/UUID'}
    policy_id: {name: policy_id, in: path, required: true, schema: {$ref: '#/components/schemas/UUID'}}

"""##,
##"""
    policy_test_id: {name: policy_test_id, in: path, required: true, schema: {$ref: '#/components/schemas/UUID'}}
    group_id: {name: group_id, in: path, required: true, schema: {$ref: '#/components/schemas/UUID'}}
    identity_provider_id:
      name: identity_provider_id
      in: path
      required: true
      schema: {$ref: '#/components/schemas/UUID'}
    grant_id: {name: grant_id, in: path, required: true, schema: {$ref: '#/components/schemas/UUID'}}
    user_id: {name: user_id, in: path, required: true, schema: {$ref: '#/components/schemas/UUID'}}
    custom_page_id:
      name: custom_page_id
      in: path
      required: true
      schema: {$ref: '#/components/schemas/UUID'}
    bookmark_id: {name: bookmark_id, in: path, required: true, schema: {$ref: '#/components/schemas/UUID'}}
    audit_id: {name: audit_id, in: path, required: true, schema: {$ref: '#/components/schemas/UUID'}}
    app_id:
      name: app_id
      in: path
      required: true
      description: The id or the audience tag (`aud`) of the application.
      schema:
        type: string
        pattern: ^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$|^[0-9a-f]{64}$
    tag_name:
      name: tag_name
      in: path
      required: true
      description: URL-encoded.
      schema: {type: string, minLength: 1, maxLength: 255}
    portal_id: {name: portal_id, in: path, required: true, schema: {$ref: '#/components/schemas/UUID'}}
    server_id: {name: server_id, in: path, required: true, schema: {$ref: '#/components/schemas/UUID'}}
    client:
      name: client
      in: path
      required: true
      description: The client id, URL-encoded where it is a URL.
      schema: {type: string, minLength: 1, maxLength: 2048}
    nonce:
      name: nonce
      in: path
      required: true
      schema: {type: string, minLength: 1, maxLength: 255}
    Page:
      name: page
      in: query
      description: A page past the end is empty.
      schema: {type: integer, minimum: 1, default: 1}
    PerPage:
      name: per_page
      in: query
      schema: {type: integer, minimum: 1, maximum: 1000, default: 20}
    PerPageAccess:
      name: per_page
      in: query
      schema: {type: integer, minimum: 1, maximum: 1000, default: 1000}
    PageSize:
      name: page_size
      in: query
      schema: {type: integer, minimum: 1, maximum: 100, default: 10}
    PageToken:
      name: page_token
      in: query
      description: Opaque, bound to the filters, valid for 24 h.
      schema: {type: string}
    Limit: {name: limit, in: query, schema: {type: integer, minimum: 1, maximum: 1000, default: 100}}
    Cursor:
      name: cursor
      in: query
      description: Opaque, bound to the filters, valid for 24 h.
      schema: {type: string}
    DirectionAscending:
      name: direction
      in: query
      schema: {type: string, enum: [asc, desc], default: asc}
    DirectionDescending:
      name: direction
      in: query
      schema: {type: string, enum: [asc, desc], default: desc}
    Preview:
      name: preview
      in: query
      description: Change nothing and answer what would end.
      schema: {type: boolean, default: false}
    IdempotencyKey:
      name: Idempotency-Key
      in: header
      description: The same key with the same body answers the stored result for 24 h.
      schema: {type: string, minLength: 1, maxLength: 255, pattern: '^[!-~]+$'}
    IfMatch:
      name: If-Match
      in: header
      description: The ETag that the resource must still have, or `*`.
      schema: {type: string}
    IfNoneMatch:
      name: If-None-Match
      in: header
      description: 'The ETag that the caller already has: 304 while it is current.'
      schema: {type: string}
    filter.id: {name: id, in: query, schema: {type: array, items: {type: string}}}
    filter.id.not: {name: id.not, in: query, schema: {type: array, items: {type: string}}}
    filter.audit_log_id: {name: audit_log_id, in: query, schema: {type: array, items: {type: string}}}
    filter.audit_log_id.not: {name: audit_log_id.not, in: query, schema: {type: array, items: {type: string}}}
    filter.account_name: {name: account_name, in: query, schema: {type: array, items: {type: string}}}
    filter.account_name.not: {name: account_name.not, in: query, schema: {type: array, items: {type: string}}}
    filter.action_result: {name: action_result, in: query, schema: {type: array, items: {type: string}}}
    filter.action_result.not: {name: action_result.not, in: query, schema: {type: array, items: {type: string}}}
    filter.action_type: {name: action_type, in: query, schema: {type: array, items: {type: string}}}
    filter.action_type.not: {name: action_type.not, in: query, schema: {type: array, items: {type: string}}}
    filter.actor_context: {name: actor_context, in: query, schema: {type: array, items: {type: string}}}
    filter.actor_context.not: {name: actor_context.not, in: query, schema: {type: array, items: {type: string}}}
    filter.actor_email: {name: actor_email, in: query, schema: {type: array, items: {type: string}}}
    filter.actor_email.not: {name: actor_email.not, in: query, schema: {type: array, items: {type: string}}}
    filter.actor_id: {name: actor_id, in: query, schema: {type: array, items: {type: string}}}
    filter.actor_id.not: {name: actor_id.not, in: query, schema: {type: array, items: {type: string}}}
    filter.actor_ip_address: {name: actor_ip_address, in: query, schema: {type: array, items: {type: string}}}
    filter.actor_ip_address.not: {name: actor_ip_address.not, in: query, schema: {type: array, items: {type: string}}}
    filter.actor_token_id: {name: actor_token_id, in: query, schema: {type: array, items: {type: string}}}
    filter.actor_token_id.not: {name: actor_token_id.not, in: query, schema: {type: array, items: {type: string}}}
    filter.actor_token_name: {name: actor_token_name, in: query, schema: {type: array, items: {type: string}}}
    filter.actor_token_name.not: {name: actor_token_name.not, in: query, schema: {type: array, items: {type: string}}}
    filter.actor_type: {name: actor_type, in: query, schema: {type: array, items: {type: string}}}
    filter.actor_type.not: {name: actor_type.not, in: query, schema: {type: array, items: {type: string}}}
    filter.raw_cf_ray_id: {name: raw_cf_ray_id, in: query, schema: {type: array, items: {type: string}}}
    filter.raw_cf_ray_id.not: {name: raw_cf_ray_id.not, in: query, schema: {type: array, items: {type: string}}}
    filter.raw_method: {name: raw_method, in: query, schema: {type: array, items: {type: string}}}
    filter.raw_method.not: {name: raw_method.not, in: query, schema: {type: array, items: {type: string}}}
    filter.raw_status_code: {name: raw_status_code, in: query, schema: {type: array, items: {type: string}}}
    filter.raw_status_code.not: {name: raw_status_code.not, in: query, schema: {type: array, items: {type: string}}}
    filter.raw_uri: {name: raw_uri, in: query, schema: {type: array, items: {type: string}}}
    filter.raw_uri.not: {name: raw_uri.not, in: query, schema: {type: array, items: {type: string}}}
    filter.resource_id: {name: resource_id, in: query, schema: {type: array, items: {type: string}}}
    filter.resource_id.not: {name: resource_id.not, in: query, schema: {type: array, items: {type: string}}}
    filter.resource_product: {name: resource_product, in: query, schema: {type: array, items: {type: string}}}
    filter.resource_product.not: {name: resource_product.not, in: query, schema: {type: array, items: {type: string}}}
    filter.resource_scope: {name: resource_scope, in: query, schema: {type: array, items: {type: string}}}
    filter.resource_scope.not: {name: resource_scope.not, in: query, schema: {type: array, items: {type: string}}}
    filter.resource_type: {name: resource_type, in: query, schema: {type: array, items: {type: string}}}
    filter.resource_type.not: {name: resource_type.not, in: query, schema: {type: array, items: {type: string}}}
    filter.zone_id: {name: zone_id, in: query, schema: {type: array, items: {type: string}}}
    filter.zone_id.not: {name: zone_id.not, in: query, schema: {type: array, items: {type: string}}}
    filter.zone_name: {name: zone_name, in: query, schema: {type: array, items: {type: string}}}
    filter.zone_name.not: {name: zone_name.not, in: query, schema: {type: array, items: {type: string}}}
  headers:
    cf-ray:
      description: The id of the request, as logs and audit rows have it.
      required: true
      schema: {type: string, pattern: '^[0-9a-f]{16}-ORG$'}
    ETag:
      description: >-
        The version of the row, changed by each committed write. Identity providers also show what the account's team name
        and the primary identity provider make of them; their tag adds a digest of that.
      schema: {type: string}
    Location: {description: The path of the new resource., schema: {type: string}}
    x-should-retry: {description: '`false` on every final 4xx.', schema: {type: string}}
  responses:
    BadRequest:
      description: Malformed or invalid input, every problem at once; or no readable credentials.
      headers:
        cf-ray: {$ref: '#/components/headers/cf-ray'}
        x-should-retry: {$ref: '#/components/headers/x-should-retry'}
      content:
        application/json:
          schema: {$ref: '#/components/schemas/Problem'}
          example:
            success: false
            errors:
              - code: 12130
                message: 'access.api.error.invalid_request: name is required'
                documentation_url: /docs/errors#12130
                source: {pointer: /name}
            messages: []
            result: null
    Forbidden:
      description: The credentials are valid and do not allow this.
      headers:
        cf-ray: {$ref: '#/components/headers/cf-ray'}
        x-should-retry: {$ref: '#/components/headers/x-should-retry'}
      content:
        application/json:
          schema: {$ref: '#/components/schemas/Problem'}
          example:
            success: false
            errors:
              - code: 10000
                message: 'Authentication error: this needs Access: Apps and Policies Write'
                documentation_url: /docs/errors#10000
            messages: []
            result: null
    NotFound:
      description: Not there, or not visible to the caller.
      headers:
        cf-ray: {$ref: '#/components/headers/cf-ray'}
        x-should-retry: {$ref: '#/components/headers/x-should-retry'}
      content:
        application/json:
          schema: {$ref: '#/components/schemas/Problem'}
          example:
            success: false
            errors:
              - code: 12135
                message: 'access.api.error.not_found: application not found'
                documentation_url: /docs/errors#12135
            messages: []
            result: null
    Conflict:
      description: The state of the server does not allow this.
      headers:
        cf-ray: {$ref: '#/components/headers/cf-ray'}
        x-should-retry: {$ref: '#/components/headers/x-should-retry'}
      content:
        application/json:
          schema: {$ref: '#/components/schemas/Problem'}
          example:
            success: false
            errors:
              - code: 12132
                message: 'access.api.error.conflict: application already exists'
                documentation_url: /docs/errors#12132
            messages: []
            result: null
    Failure:
      description: 'Any other failure: 401 unknown credentials, 405 method, 412 `If-Match`, 413 size, 415 media type, 422 `Idempotency-Key`, 429 rate, 500 bug, 503 try again.'
      headers:
        cf-ray: {$ref: '#/components/headers/cf-ray'}
        x-should-retry: {$ref: '#/components/headers/x-should-retry'}
      content:
        application/json:
          schema: {$ref: '#/components/schemas/Problem'}
          example:
            success: false
            errors:
              - code: 10000
                message: Authentication error
                documentation_url: /docs/errors#10000
            messages: []
            result: null
    NotModified:
      description: The caller has the current version.
      headers: {cf-ray: {$ref: '#/components/headers/cf-ray'}, ETag: {$ref: '#/components/headers/ETag'}}
    Organization:
      description: Organization.
      headers: {cf-ray: {$ref: '#/components/headers/cf-ray'}, ETag: {$ref: '#/components/headers/ETag'}}
      content:
        application/json:
          schema:
            allOf:
              - {$ref: '#/components/schemas/Success'}
              - type: object
                properties: {result: {$ref: '#/components/schemas/Organization'}}
          examples: {organization: {$ref: '#/components/examples/Organization'}}
    OrganizationPage:
      description: List of Organization.
      headers: {cf-ray: {$ref: '#/components/headers/cf-ray'}}
      content:
        application/json:
          schema:
            allOf:
              - {$ref: '#/components/schemas/Success'}
              - type: object
                required: [result_info]
                properties:
                  result: {type: array, items: {$ref: '#/components/schemas/Organization'}}
                  result_info: {$ref: '#/components/schemas/PageTokenInfo'}
          examples: {organizationPage: {$ref: '#/components/examples/OrganizationPage'}}
    Deleted:
      description: The id of what was deleted.
      headers: {cf-ray: {$ref: '#/components/headers/cf-ray'}}
      content:
        application/json:
          schema:
            allOf:
              - {$ref: '#/components/schemas/Success'}
              - {type: object, properties: {result: {$ref: '#/components/schemas/Deleted'}}}
          examples: {deleted: {$ref: '#/components/examples/Deleted'}}
    OrganizationProfile:
      description: OrganizationProfile.
      headers: {cf-ray: {$ref: '#/components/headers/cf-ray'}, ETag: {$ref: '#/components/headers/ETag'}}
      content:
        application/json:
          schema:
            allOf:
              - {$ref: '#/components/schemas/Success'}
              - type: object
                properties: {result: {$ref: '#/components/schemas/OrganizationProfile'}}
          examples: {organizationProfile: {$ref: '#/components/examples/OrganizationProfile'}}
    Empty:
      description: Done; there is nothing to show.
      headers: {cf-ray: {$ref: '#/components/headers/cf-ray'}}
      content:
        application/json:
          schema:
            allOf: [{$ref: '#/components/schemas/Success'}, {type: object, properties: {result: {}}}]
          examples: {empty: {$ref: '#/components/examples/Empty'}}
    AccountPage:
      description: List of Account.
      headers: {cf-ray: {$ref: '#/components/headers/cf-ray'}}
      content:
        application/json:
          schema:
            allOf:
              - {$ref: '#/components/schemas/Success'}
              - type: object
                required: [result_info]
                properties:
                  result: {type: array, items: {$ref: '#/components/schemas/Account'}}
                  result_info: {$ref: '#/components/schemas/PageTokenInfo'}
          examples: {accountPage: {$ref: '#/components/examples/AccountPage'}}
    OrganizationMemberPage:
      description: List of OrganizationMember.
      headers: {cf-ray: {$ref: '#/components/headers/cf-ray'}}
      content:
        application/json:
          schema:
            allOf:
              - {$ref: '#/components/schemas/Success'}
              - type: object
                required: [result_info]
                properties:
                  result: {type: array, items: {$ref: '#/components/schemas/OrganizationMember'}}
                  result_info: {$ref: '#/components/schemas/PageTokenInfo'}
          examples: {organizationMemberPage: {$ref: '#/components/examples/OrganizationMemberPage'}}
    OrganizationMember:
      description: OrganizationMember.
      headers: {cf-ray: {$ref: '#/components/headers/cf-ray'}, ETag: {$ref: '#/components/headers/ETag'}}
      content:
        application/json:
          schema:
            allOf:
              - {$ref: '#/components/schemas/Success'}
              - type: object
                properties: {result: {$ref: '#/components/schemas/OrganizationMember'}}
          examples: {organizationMember: {$ref: '#/components/examples/OrganizationMember'}}
    OrganizationMembersAdded:
      description: The new members.
      headers: {cf-ray: {$ref: '#/components/headers/cf-ray'}}
      content:
        application/json:
          schema:
            allOf:
              - {$ref: '#/components/schemas/Success'}
              - type: object
                properties:
                  result: {type: array, items: {$ref: '#/components/schemas/OrganizationMember'}}
          examples: {organizationMembersAdded: {$ref: '#/components/examples/OrganizationMembersAdded'}}
    Account:
      description: Account.
      headers: {cf-ray: {$ref: '#/components/headers/cf-ray'}, ETag: {$ref: '#/components/headers/ETag'}}
      content:
        application/json:
          schema:
            allOf:
              - {$ref: '#/components/schemas/Success'}
              - {type: object, properties: {result: {$ref: '#/components/schemas/Account'}}}
          examples: {account: {$ref: '#/components/examples/Account'}}
    AccountList:
      description: List of Account.
      headers: {cf-ray: {$ref: '#/components/headers/cf-ray'}}
      content:
        application/json:
          schema:
            allOf:
              - {$ref: '#/components/schemas/Success'}
              - type: object
                required: [result_info]
                properties:
                  result: {type: array, items: {$ref: '#/components/schemas/Account'}}
                  result_info: {$ref: '#/components/schemas/PageInfo'}
          examples: {accountList: {$ref: '#/components/examples/AccountList'}}
    AccountsMoved:
      description: The moves, or with `preview` what they would end.
      headers: {cf-ray: {$ref: '#/components/headers/cf-ray'}}
      content:
        application/json:
          schema:
            allOf:
              - {$ref: '#/components/schemas/Success'}
              - type: object
                properties:
                  result:
                    anyOf:
                      - {type: array, items: {$ref: '#/components/schemas/AccountMoved'}}
                      - {$ref: '#/components/schemas/Preview'}
          examples: {accountsMoved: {$ref: '#/components/examples/AccountsMoved'}}
    AccountDeleted:
      description: The id, or with `preview` what would end.
      headers: {cf-ray: {$ref: '#/components/headers/cf-ray'}}
      content:
        application/json:
          schema:
            allOf:
              - {$ref: '#/components/schemas/Success'}
              - type: object
                properties:
                  result:
                    anyOf:
                      - {$ref: '#/components/schemas/Deleted'}
                      - {$ref: '#/components/schemas/Preview'}
          examples: {accountDeleted: {$ref: '#/components/examples/AccountDeleted'}}
    AccountMoved:
      description: The move, or with `preview` what it would end.
      headers: {cf-ray: {$ref: '#/components/headers/cf-ray'}}
      content:
        application/json:
          schema:
            allOf:
              - {$ref: '#/components/schemas/Success'}
              - type: object
                properties:
                  result:
                    anyOf:
                      - {$ref: '#/components/schemas/AccountMoved'}
                      - {$ref: '#/components/schemas/Preview'}
          examples: {accountMoved: {$ref: '#/components/examples/AccountMoved'}}
    EntitlementList:
      description: List of Entitlement.
      headers: {cf-ray: {$ref: '#/components/headers/cf-ray'}}
      content:
        application/json:
          schema:
            allOf:
              - {$ref: '#/components/schemas/Success'}
              - type: object
                required: [result_info]
                properties:
                  result: {type: array, items: {$ref: '#/components/schemas/Entitlement'}}
                  result_info: {$ref: '#/components/schemas/SingleInfo'}
          examples: {entitlementList: {$ref: '#/components/examples/EntitlementList'}}
    MemberList:
      description: List of Member.
      headers: {cf-ray: {$ref: '#/components/headers/cf-ray'}}
      content:
        application/json:
          schema:
            allOf:
              - {$ref: '#/components/schemas/Success'}
              - type: object
                required: [result_info]
                properties:
                  result: {type: array, items: {$ref: '#/components/schemas/Member'}}
                  result_info: {$ref: '#/components/schemas/PageInfo'}
          examples: {memberList: {$ref: '#/components/examples/MemberList'}}
    Member:
      description: Member.
      headers: {cf-ray: {$ref: '#/components/headers/cf-ray'}, ETag: {$ref: '#/components/headers/ETag'}}
      content:
        application/json:
          schema:
            allOf:
              - {$ref: '#/components/schemas/Success'}
              - {type: object, properties: {result: {$ref: '#/components/schemas/Member'}}}
          examples: {member: {$ref: '#/components/examples/Member'}}
    RoleList:
      description: List of Role.
      headers: {cf-ray: {$ref: '#/components/headers/cf-ray'}}
      content:
        application/json:
          schema:
            allOf:
              - {$ref: '#/components/schemas/Success'}
              - type: object
                required: [result_info]
                properties:
                  result: {type: array, items: {$ref: '#/components/schemas/Role'}}
                  result_info: {$ref: '#/components/schemas/PageInfo'}
          examples: {roleList: {$ref: '#/components/examples/RoleList'}}
    Role:
      description: Role.
      headers: {cf-ray: {$ref: '#/components/headers/cf-ray'}, ETag: {$ref: '#/components/headers/ETag'}}
      content:
        application/json:
          schema:
            allOf:
              - {$ref: '#/components/schemas/Success'}
              - {type: object, properties: {result: {$ref: '#/components/schemas/Role'}}}
          examples: {role: {$ref: '#/components/examples/Role'}}
    User:
      description: User.
      headers: {cf-ray: {$ref: '#/components/headers/cf-ray'}, ETag: {$ref: '#/components/headers/ETag'}}
      content:
        application/json:
          schema:
            allOf:
              - {$ref: '#/components/schemas/Success'}
              - {type: object, properties: {result: {$ref: '#/components/schemas/User'}}}
          examples: {user: {$ref: '#/components/examples/User'}}
    MembershipList:
      description: List of Membership.
      headers: {cf-ray: {$ref: '#/components/headers/cf-ray'}}
      content:
        application/json:
          schema:
            allOf:
              - {$ref: '#/components/schemas/Success'}
              - type: object
                required: [result_info]
                properties:
                  result: {type: array, items: {$ref: '#/components/schemas/Membership'}}
                  result_info: {$ref: '#/components/schemas/PageInfo'}
          examples: {membershipList: {$ref: '#/components/examples/MembershipList'}}
    TokenValue:
      description: The new value, shown this once.
      headers: {cf-ray: {$ref: '#/components/headers/cf-ray'}}
      content:
        application/json:
          schema:
            allOf:
              - {$ref: '#/components/schemas/Success'}
              - {type: object, properties: {result: {type: string}}}
          examples: {tokenValue: {$ref: '#/components/examples/TokenValue'}}
    TokenCreated:
      description: The token with its value, shown this once.
      headers: {cf-ray: {$ref: '#/components/headers/cf-ray'}, ETag: {$ref: '#/components/headers/ETag'}}
      content:
        application/json:
          schema:
            allOf:
              - {$ref: '#/components/schemas/Success'}
              - {type: object, properties: {result: {$ref: '#/components/schemas/Token'}}}
          examples: {tokenCreated: {$ref: '#/components/examples/TokenCreated'}}
    PermissionGroupList:
      description: List of PermissionGroup.
      headers: {cf-ray: {$ref: '#/components/headers/cf-ray'}}
      content:
        application/json:
          schema:
            allOf:
              - {$ref: '#/components/schemas/Success'}
              - type: object
                required: [result_info]
                properties:
                  result: {type: array, items: {$ref: '#/components/schemas/PermissionGroup'}}
                  result_info: {$ref: '#/components/schemas/SingleInfo'}
          examples: {permissionGroupList: {$ref: '#/components/examples/PermissionGroupList'}}
    TokenVerification:
      description: TokenVerification.
      headers: {cf-ray: {$ref: '#/components/headers/cf-ray'}, ETag: {$ref: '#/components/headers/ETag'}}
      content:
        application/json:
          schema:
            allOf:
              - {$ref: '#/components/schemas/Success'}
              - type: object
                properties: {result: {$ref: '#/components/schemas/TokenVerification'}}
          examples: {tokenVerification: {$ref: '#/components/examples/TokenVerification'}}
    TokenList:
      description: List of Token.
      headers: {cf-ray: {$ref: '#/components/headers/cf-ray'}}
      content:
        application/json:
          schema:
            allOf:
              - {$ref: '#/components/schemas/Success'}
              - type: object
                required: [result_info]
                properties:
                  result: {type: array, items: {$ref: '#/components/schemas/Token'}}
                  result_info: {$ref: '#/components/schemas/PageInfo'}
          examples: {tokenList: {$ref: '#/components/examples/TokenList'}}
    Token:
      description: Token.
      headers: {cf-ray: {$ref: '#/components/headers/cf-ray'}, ETag: {$ref: '#/components/headers/ETag'}}
      content:
        application/json:
          schema:
            allOf:
              - {$ref: '#/components/schemas/Success'}
              - {type: object, properties: {result: {$ref: '#/components/schemas/Token'}}}
          examples: {token: {$ref: '#/components/examples/Token'}}
    ZeroTrustOrganization:
      description: ZeroTrustOrganization.
      headers: {cf-ray: {$ref: '#/components/headers/cf-ray'}, ETag: {$ref: '#/components/headers/ETag'}}
      content:
        application/json:
          schema:
            allOf:
              - {$ref: '#/components/schemas/Success'}
              - type: object
                properties: {result: {$ref: '#/components/schemas/ZeroTrustOrganization'}}
          examples: {zeroTrustOrganization: {$ref: '#/components/examples/ZeroTrustOrganization'}}
    ZeroTrustOrganizationCreated:
      description: The new ZeroTrustOrganization.
      headers:
        cf-ray: {$ref: '#/components/headers/cf-ray'}
        ETag: {$ref: '#/components/headers/ETag'}
        Location: {$ref: '#/components/headers/Location'}
      content:
        application/json:
          schema:
            allOf:
              - {$ref: '#/components/schemas/Success'}
              - type: object
                properties: {result: {$ref: '#/components/schemas/ZeroTrustOrganization'}}
          examples: {zeroTrustOrganization: {$ref: '#/components/examples/ZeroTrustOrganization'}}
    Revoked:
      description: Always `true`.
      headers: {cf-ray: {$ref: '#/components/headers/cf-ray'}}
      content:
        application/json:
          schema:
            allOf:
              - {$ref: '#/components/schemas/Success'}
              - {type: object, properties: {result: {type: boolean}}}
          examples: {revoked: {$ref: '#/components/examples/Revoked'}}
    IdentityProviderList:
      description: List of IdentityProvider.
      headers: {cf-ray: {$ref: '#/components/headers/cf-ray'}}
      content:
        application/json:
          schema:
            allOf:
              - {$ref: '#/components/schemas/Success'}
              - type: object
                required: [result_info]
                properties:
                  result: {type: array, items: {$ref: '#/components/schemas/IdentityProvider'}}
                  result_info: {$ref: '#/components/schemas/PageInfo'}
          examples: {identityProviderList: {$ref: '#/components/examples/IdentityProviderList'}}
    IdentityProviderCreated:
      description: The new IdentityProvider.
      headers:
        cf-ray: {$ref: '#/components/headers/cf-ray'}
        ETag: {$ref: '#/components/headers/ETag'}
        Location: {$ref: '#/components/headers/Location'}
      content:
        application/json:
          schema:
            allOf:
              - {$ref: '#/components/schemas/Success'}
              - type: object
                properties: {result: {$ref: '#/components/schemas/IdentityProvider'}}
          examples: {identityProviderCreated: {$ref: '#/components/examples/IdentityProviderCreated'}}
    IdentityProvider:
      description: IdentityProvider.
      headers: {cf-ray: {$ref: '#/components/headers/cf-ray'}, ETag: {$ref: '#/components/headers/ETag'}}
      content:
        application/json:
          schema:
            allOf:
              - {$ref: '#/components/schemas/Success'}
              - type: object
                properties: {result: {$ref: '#/components/schemas/IdentityProvider'}}
          examples: {identityProviderCreated: {$ref: '#/components/examples/IdentityProviderCreated'}}
    IdPTest:
      description: IdPTest.
      headers: {cf-ray: {$ref: '#/components/headers/cf-ray'}, ETag: {$ref: '#/components/headers/ETag'}}
      content:
        application/json:
          schema:
            allOf:
              - {$ref: '#/components/schemas/Success'}
              - {type: object, properties: {result: {$ref: '#/components/schemas/IdPTest'}}}
          examples: {idPTest: {$ref: '#/components/examples/IdPTest'}}
    SCIMUserList:
      description: List of SCIMUser.
      headers: {cf-ray: {$ref: '#/components/headers/cf-ray'}}
      content:
        application/json:
          schema:
            allOf:
              - {$ref: '#/components/schemas/Success'}
              - type: object
                required: [result_info]
                properties:
                  result: {type: array, items: {$ref: '#/components/schemas/SCIMUser'}}
                  result_info: {$ref: '#/components/schemas/PageInfo'}
          examples: {sCIMUserList: {$ref: '#/components/examples/SCIMUserList'}}
    SCIMGroupList:
      description: List of SCIMGroup.
      headers: {cf-ray: {$ref: '#/components/headers/cf-ray'}}
      content:
        application/json:
          schema:
            allOf:
              - {$ref: '#/components/schemas/Success'}
              - type: object
                required: [result_info]
                properties:
                  result: {type: array, items: {$ref: '#/components/schemas/SCIMGroup'}}
                  result_info: {$ref: '#/components/schemas/PageInfo'}
          examples: {sCIMGroupList: {$ref: '#/components/examples/SCIMGroupList'}}
    FederationGrantList:
      description: List of FederationGrant.
      headers: {cf-ray: {$ref: '#/components/headers/cf-ray'}}
      content:
        application/json:
          schema:
            allOf:
              - {$ref: '#/components/schemas/Success'}
              - type: object
                required: [result_info]
                properties:
                  result: {type: array, items: {$ref: '#/components/schemas/FederationGrant'}}
                  result_info: {$ref: '#/components/schemas/SingleInfo'}
          examples: {federationGrantList: {$ref: '#/components/examples/FederationGrantList'}}
    FederationGrantCreated:
      description: The new FederationGrant.
      headers:
        cf-ray: {$ref: '#/components/headers/cf-ray'}
        ETag: {$ref: '#/components/headers/ETag'}
        Location: {$ref: '#/components/headers/Location'}
      content:
        application/json:
          schema:
            allOf:
              - {$ref: '#/components/schemas/Success'}
              - type: object
                properties: {result: {$ref: '#/components/schemas/FederationGrant'}}
          examples: {federationGrantCreated: {$ref: '#/components/examples/FederationGrantCreated'}}
    FederationGrant:
      description: FederationGrant.
      headers: {cf-ray: {$ref: '#/components/headers/cf-ray'}, ETag: {$ref: '#/components/headers/ETag'}}
      content:
        application/json:
          schema:
            allOf:
              - {$ref: '#/components/schemas/Success'}
              - type: object
                properties: {result: {$ref: '#/components/schemas/FederationGrant'}}
          examples: {federationGrantCreated: {$ref: '#/components/examples/FederationGrantCreated'}}
    EndedOrPreview:
      description: The id, or with `preview` what would end.
      headers: {cf-ray: {$ref: '#/components/headers/cf-ray'}}
      content:
        application/json:
          schema:
            allOf:
              - {$ref: '#/components/schemas/Success'}
              - type: object
                properties:
                  result:
                    anyOf:
                      - {$ref: '#/components/schemas/Deleted'}
                      - {$ref: '#/components/schemas/Preview'}
          examples: {endedOrPreview: {$ref: '#/components/examples/EndedOrPreview'}}
    PrimaryIdPOrPreview:
      description: The designation, or with `preview` what would change.
      headers: {cf-ray: {$ref: '#/components/headers/cf-ray'}, ETag: {$ref: '#/components/headers/ETag'}}
      content:
        application/json:
          schema:
            allOf:
              - {$ref: '#/components/schemas/Success'}
              - type: object
                properties:
                  result:
                    anyOf:
                      - {$ref: '#/components/schemas/PrimaryIdP'}
                      - {$ref: '#/components/schemas/Preview'}
          examples: {primaryIdPOrPreview: {$ref: '#/components/examples/PrimaryIdPOrPreview'}}
    PrimaryIdP:
      description: PrimaryIdP.
      headers: {cf-ray: {$ref: '#/components/headers/cf-ray'}, ETag: {$ref: '#/components/headers/ETag'}}
      content:
        application/json:
          schema:
            allOf:
              - {$ref: '#/components/schemas/Success'}
              - {type: object, properties: {result: {$ref: '#/components/schemas/PrimaryIdP'}}}
          examples: {primaryIdPOrPreview: {$ref: '#/components/examples/PrimaryIdPOrPreview'}}
    PrimaryIdPEnded:
      description: Nothing, or with `preview` what would end.
      headers: {cf-ray: {$ref: '#/components/headers/cf-ray'}}
      content:
        application/json:
          schema:
            allOf: [{$ref: '#/components/schemas/Success'}, {type: object, properties: {result: {}}}]
          examples: {empty: {$ref: '#/components/examples/Empty'}}
    OrganizationCoverage:
      description: Summary of the organization and one page of its accounts.
      headers: {cf-ray: {$ref: '#/components/headers/cf-ray'}}
      content:
        application/json:
          schema:
            allOf:
              - {$ref: '#/components/schemas/Success'}
              - type: object
                required: [result_info]
                properties:
                  result: {$ref: '#/components/schemas/Coverage'}
                  result_info: {$ref: '#/components/schemas/PageTokenInfo'}
          examples: {organizationCoverage: {$ref: '#/components/examples/OrganizationCoverage'}}
    IdPBridge:
      description: IdPBridge.
      headers: {cf-ray: {$ref: '#/components/headers/cf-ray'}, ETag: {$ref: '#/components/headers/ETag'}}
      content:
        application/json:
          schema:
            allOf:
              - {$ref: '#/components/schemas/Success'}
              - {type: object, properties: {result: {$ref: '#/components/schemas/IdPBridge'}}}
          examples: {idPBridge: {$ref: '#/components/examples/IdPBridge'}}
    IdPBridgeCreated:
      description: The new IdPBridge.
      headers:
        cf-ray: {$ref: '#/components/headers/cf-ray'}
        ETag: {$ref: '#/components/headers/ETag'}
        Location: {$ref: '#/components/headers/Location'}
      content:
        application/json:
          schema:
            allOf:
              - {$ref: '#/components/schemas/Success'}
              - {type: object, properties: {result: {$ref: '#/components/schemas/IdPBridge'}}}
          examples: {idPBridge: {$ref: '#/components/examples/IdPBridge'}}
    IdPBridgeEnded:
      description: Nothing or an id, or with `preview` what would end.
      headers: {cf-ray: {$ref: '#/components/headers/cf-ray'}}
      content:
        application/json:
          schema:
            allOf: [{$ref: '#/components/schemas/Success'}, {type: object, properties: {result: {}}}]
          examples: {empty: {$ref: '#/components/examples/Empty'}}
    AccountCoverage:
      description: AccountCoverage.
      headers: {cf-ray: {$ref: '#/components/headers/cf-ray'}, ETag: {$ref: '#/components/headers/ETag'}}
      content:
        application/json:
          schema:
            allOf:
              - {$ref: '#/components/schemas/Success'}
              - type: object
                properties: {result: {$ref: '#/components/schemas/AccountCoverage'}}
          examples: {accountCoverage: {$ref: '#/components/examples/AccountCoverage'}}
    TokenValidations:
      description: One answer, or with `tokens` one for each in the same order. A bad token is an answer, not an error.
      headers: {cf-ray: {$ref: '#/components/headers/cf-ray'}}
      content:
        application/json:
          schema:
            allOf:
              - {$ref: '#/components/schemas/Success'}
              - type: object
                properties:
                  result:
                    anyOf:
                      - {$ref: '#/components/schemas/TokenValidation'}
                      - type: array
                        minItems: 1
                        maxItems: 100
                        items: {$ref: '#/components/schemas/TokenValidation'}
          examples: {tokenValidations: {$ref: '#/components/examples/TokenValidations'}}
    ShareList:
      description: List of Share.
      headers: {cf-ray: {$ref: '#/components/headers/cf-ray'}}
      content:
        application/json:
          schema:
            allOf:
              - {$ref: '#/components/schemas/Success'}
              - type: object
                required: [result_info]
                properties:
                  result: {type: array, items: {$ref: '#/components/schemas/Share'}}
                  result_info: {$ref: '#/components/schemas/PageInfo'}
          examples: {shareList: {$ref: '#/components/examples/ShareList'}}
    Share:
      description: Share.
      headers: {cf-ray: {$ref: '#/components/headers/cf-ray'}, ETag: {$ref: '#/components/headers/ETag'}}
      content:
        application/json:
          schema:
            allOf:
              - {$ref: '#/components/schemas/Success'}
              - {type: object, properties: {result: {$ref: '#/components/schemas/Share'}}}
          examples: {share: {$ref: '#/components/examples/Share'}}
    ShareOrPreview:
      description: The ended share, or with `preview` what would end.
      headers: {cf-ray: {$ref: '#/components/headers/cf-ray'}}
      content:
        application/json:
          schema:
            allOf: [{$ref: '#/components/schemas/Success'}, {type: object, properties: {result: {}}}]
          examples: {share: {$ref: '#/components/examples/Share'}}
    ShareRecipientList:
      description: List of ShareRecipient.
      headers: {cf-ray: {$ref: '#/components/headers/cf-ray'}}
      content:
        application/json:
          schema:
            allOf:
              - {$ref: '#/components/schemas/Success'}
              - type: object
                required: [result_info]
                properties:
                  result: {type: array, items: {$ref: '#/components/schemas/ShareRecipient'}}
                  result_info: {$ref: '#/components/schemas/PageInfo'}
          examples: {shareRecipientList: {$ref: '#/components/examples/ShareRecipientList'}}
    ShareRecipient:
      description: ShareRecipient.
      headers: {cf-ray: {$ref: '#/components/headers/cf-ray'}, ETag: {$ref: '#/components/headers/ETag'}}
      content:
        application/json:
          schema:
            allOf:
              - {$ref: '#/components/schemas/Success'}
              - type: object
                properties: {result: {$ref: '#/components/schemas/ShareRecipient'}}
          examples: {shareRecipient: {$ref: '#/components/examples/ShareRecipient'}}
    RecipientOrPreview:
      description: The removed recipient, or with `preview` what would end.
      headers: {cf-ray: {$ref: '#/components/headers/cf-ray'}}
      content:
        application/json:
          schema:
            allOf: [{$ref: '#/components/schemas/Success'}, {type: object, properties: {result: {}}}]
          examples: {shareRecipient: {$ref: '#/components/examples/ShareRecipient'}}
    ShareResourceList:
      description: List of ShareResource.
      headers: {cf-ray: {$ref: '#/components/headers/cf-ray'}}
      content:
        application/json:
          schema:
            allOf:
              - {$ref: '#/components/schemas/Success'}
              - type: object
                required: [result_info]
                properties:
                  result: {type: array, items: {$ref: '#/components/schemas/ShareResource'}}
                  result_info: {$ref: '#/components/schemas/PageInfo'}
          examples: {shareResourceList: {$ref: '#/components/examples/ShareResourceList'}}
    ShareResource:
      description: ShareResource.
      headers: {cf-ray: {$ref: '#/components/headers/cf-ray'}, ETag: {$ref: '#/components/headers/ETag'}}
      content:
        application/json:
          schema:
            allOf:
              - {$ref: '#/components/schemas/Success'}
              - type: object
                properties: {result: {$ref: '#/components/schemas/ShareResource'}}
          examples: {shareResource: {$ref: '#/components/examples/ShareResource'}}
    ApplicationList:
      description: List of Application.
      headers: {cf-ray: {$ref: '#/components/headers/cf-ray'}}
      content:
        application/json:
          schema:
            allOf:
              - {$ref: '#/components/schemas/Success'}
              - type: object
                required: [result_info]
                properties:
                  result: {type: array, items: {$ref: '#/components/schemas/Application'}}
                  result_info: {$ref: '#/components/schemas/PageInfo'}
          examples: {applicationList: {$ref: '#/components/examples/ApplicationList'}}
    ApplicationCreated:
      description: The new Application.
      headers:
        cf-ray: {$ref: '#/components/headers/cf-ray'}
        ETag: {$ref: '#/components/headers/ETag'}
        Location: {$ref: '#/components/headers/Location'}
      content:
        application/json:
          schema:
            allOf:
              - {$ref: '#/components/schemas/Success'}
              - {type: object, properties: {result: {$ref: '#/components/schemas/Application'}}}
          examples: {applicationCreated: {$ref: '#/components/examples/ApplicationCreated'}}
    Application:
      description: Application.
      headers: {cf-ray: {$ref: '#/components/headers/cf-ray'}, ETag: {$ref: '#/components/headers/ETag'}}
      content:
        application/json:
          schema:
            allOf:
              - {$ref: '#/components/schemas/Success'}
              - {type: object, properties: {result: {$ref: '#/components/schemas/Application'}}}
          examples: {applicationCreated: {$ref: '#/components/examples/ApplicationCreated'}}
    EmptyObject:
      description: Done.
      headers: {cf-ray: {$ref: '#/components/headers/cf-ray'}}
      content:
        application/json:
          schema:
            allOf:
              - {$ref: '#/components/schemas/Success'}
              - {type: object, properties: {result: {type: object}}}
          examples: {emptyObject: {$ref: '#/components/examples/EmptyObject'}}
    ApplicationSettings:
      description: ApplicationSettings.
      headers: {cf-ray: {$ref: '#/components/headers/cf-ray'}, ETag: {$ref: '#/components/headers/ETag'}}
      content:
        application/json:
          schema:
            allOf:
              - {$ref: '#/components/schemas/Success'}
              - type: object
                properties: {result: {$ref: '#/components/schemas/ApplicationSettingsOut'}}
          examples: {applicationSettings: {$ref: '#/components/examples/ApplicationSettings'}}
    ApplicationSecret:
      description: The application or its client, with the new secret shown this once.
      headers: {cf-ray: {$ref: '#/components/headers/cf-ray'}, ETag: {$ref: '#/components/headers/ETag'}}
      content:
        application/json:
          schema:
            allOf:
              - {$ref: '#/components/schemas/Success'}
              - {type: object, properties: {result: {type: object}}}
          examples: {applicationSecret: {$ref: '#/components/examples/ApplicationSecret'}}
    PolicyList:
      description: List of Policy.
      headers: {cf-ray: {$ref: '#/components/headers/cf-ray'}}
      content:
        application/json:
          schema:
            allOf:
              - {$ref: '#/components/schemas/Success'}
              - type: object
                required: [result_info]
                properties:
                  result: {type: array, items: {$ref: '#/components/schemas/Policy'}}
                  result_info: {$ref: '#/components/schemas/PageInfo'}
          examples: {policyList: {$ref: '#/components/examples/PolicyList'}}
    PolicyCreated:
      description: The new Policy.
      headers:
        cf-ray: {$ref: '#/components/headers/cf-ray'}
        ETag: {$ref: '#/components/headers/ETag'}
        Location: {$ref: '#/components/headers/Location'}
      content:
        application/json:
          schema:
            allOf:
              - {$ref: '#/components/schemas/Success'}
              - {type: object, properties: {result: {$ref: '#/components/schemas/Policy'}}}
          examples: {policyCreated: {$ref: '#/components/examples/PolicyCreated'}}
    Policy:
      description: Policy.
      headers: {cf-ray: {$ref: '#/components/headers/cf-ray'}, ETag: {$ref: '#/components/headers/ETag'}}
      content:
        application/json:
          schema:
            allOf:
              - {$ref: '#/components/schemas/Success'}
              - {type: object, properties: {result: {$ref: '#/components/schemas/Policy'}}}
          examples: {policyCreated: {$ref: '#/components/examples/PolicyCreated'}}
    Bookmark:
      description: Bookmark.
      headers: {cf-ray: {$ref: '#/components/headers/cf-ray'}, ETag: {$ref: '#/components/headers/ETag'}}
      content:
        application/json:
          schema:
            allOf:
              - {$ref: '#/components/schemas/Success'}
              - {type: object, properties: {result: {$ref: '#/components/schemas/Bookmark'}}}
          examples: {bookmark: {$ref: '#/components/examples/Bookmark'}}
    BookmarkList:
      description: List of Bookmark.
      headers: {cf-ray: {$ref: '#/components/headers/cf-ray'}}
      content:
        application/json:
          schema:
            allOf:
              - {$ref: '#/components/schemas/Success'}
              - type: object
                required: [result_info]

"""##,
##"""
                properties:
                  result: {type: array, items: {$ref: '#/components/schemas/Bookmark'}}
                  result_info: {$ref: '#/components/schemas/SingleInfo'}
          examples: {bookmarkList: {$ref: '#/components/examples/BookmarkList'}}
    BookmarkCreated:
      description: The new Bookmark.
      headers:
        cf-ray: {$ref: '#/components/headers/cf-ray'}
        ETag: {$ref: '#/components/headers/ETag'}
        Location: {$ref: '#/components/headers/Location'}
      content:
        application/json:
          schema:
            allOf:
              - {$ref: '#/components/schemas/Success'}
              - {type: object, properties: {result: {$ref: '#/components/schemas/Bookmark'}}}
          examples: {bookmark: {$ref: '#/components/examples/Bookmark'}}
    MCPPortalList:
      description: List of MCPPortal.
      headers: {cf-ray: {$ref: '#/components/headers/cf-ray'}}
      content:
        application/json:
          schema:
            allOf:
              - {$ref: '#/components/schemas/Success'}
              - type: object
                required: [result_info]
                properties:
                  result: {type: array, items: {$ref: '#/components/schemas/MCPPortal'}}
                  result_info: {$ref: '#/components/schemas/PageInfo'}
          examples: {mCPPortalList: {$ref: '#/components/examples/MCPPortalList'}}
    MCPPortal:
      description: MCPPortal.
      headers: {cf-ray: {$ref: '#/components/headers/cf-ray'}, ETag: {$ref: '#/components/headers/ETag'}}
      content:
        application/json:
          schema:
            allOf:
              - {$ref: '#/components/schemas/Success'}
              - {type: object, properties: {result: {$ref: '#/components/schemas/MCPPortal'}}}
          examples: {mCPPortal: {$ref: '#/components/examples/MCPPortal'}}
    MCPServerList:
      description: List of MCPServer.
      headers: {cf-ray: {$ref: '#/components/headers/cf-ray'}}
      content:
        application/json:
          schema:
            allOf:
              - {$ref: '#/components/schemas/Success'}
              - type: object
                required: [result_info]
                properties:
                  result: {type: array, items: {$ref: '#/components/schemas/MCPServer'}}
                  result_info: {$ref: '#/components/schemas/PageInfo'}
          examples: {mCPServerList: {$ref: '#/components/examples/MCPServerList'}}
    MCPServer:
      description: MCPServer.
      headers: {cf-ray: {$ref: '#/components/headers/cf-ray'}, ETag: {$ref: '#/components/headers/ETag'}}
      content:
        application/json:
          schema:
            allOf:
              - {$ref: '#/components/schemas/Success'}
              - {type: object, properties: {result: {$ref: '#/components/schemas/MCPServer'}}}
          examples: {mCPServer: {$ref: '#/components/examples/MCPServer'}}
    ReusablePolicyList:
      description: List of ReusablePolicy.
      headers: {cf-ray: {$ref: '#/components/headers/cf-ray'}}
      content:
        application/json:
          schema:
            allOf:
              - {$ref: '#/components/schemas/Success'}
              - type: object
                required: [result_info]
                properties:
                  result: {type: array, items: {$ref: '#/components/schemas/Policy'}}
                  result_info: {$ref: '#/components/schemas/PageInfo'}
          examples: {reusablePolicyList: {$ref: '#/components/examples/ReusablePolicyList'}}
    ReusablePolicyCreated:
      description: The new ReusablePolicy.
      headers:
        cf-ray: {$ref: '#/components/headers/cf-ray'}
        ETag: {$ref: '#/components/headers/ETag'}
        Location: {$ref: '#/components/headers/Location'}
      content:
        application/json:
          schema:
            allOf:
              - {$ref: '#/components/schemas/Success'}
              - {type: object, properties: {result: {$ref: '#/components/schemas/Policy'}}}
          examples: {reusablePolicyCreated: {$ref: '#/components/examples/ReusablePolicyCreated'}}
    ReusablePolicy:
      description: ReusablePolicy.
      headers: {cf-ray: {$ref: '#/components/headers/cf-ray'}, ETag: {$ref: '#/components/headers/ETag'}}
      content:
        application/json:
          schema:
            allOf:
              - {$ref: '#/components/schemas/Success'}
              - {type: object, properties: {result: {$ref: '#/components/schemas/Policy'}}}
          examples: {reusablePolicyCreated: {$ref: '#/components/examples/ReusablePolicyCreated'}}
    PolicyTestCreated:
      description: The new policy test.
      headers:
        cf-ray: {$ref: '#/components/headers/cf-ray'}
        Location: {$ref: '#/components/headers/Location'}
      content:
        application/json:
          schema:
            allOf:
              - {$ref: '#/components/schemas/Success'}
              - {type: object, properties: {result: {$ref: '#/components/schemas/PolicyTestStarted'}}}
          examples: {policyTestCreated: {$ref: '#/components/examples/PolicyTestCreated'}}
    PolicyTest:
      description: PolicyTest.
      headers: {cf-ray: {$ref: '#/components/headers/cf-ray'}}
      content:
        application/json:
          schema:
            allOf:
              - {$ref: '#/components/schemas/Success'}
              - {type: object, properties: {result: {$ref: '#/components/schemas/PolicyTest'}}}
          examples: {policyTest: {$ref: '#/components/examples/PolicyTest'}}
    PolicyTestUserList:
      description: List of PolicyTestUser.
      headers: {cf-ray: {$ref: '#/components/headers/cf-ray'}}
      content:
        application/json:
          schema:
            allOf:
              - {$ref: '#/components/schemas/Success'}
              - type: object
                required: [result_info]
                properties:
                  result: {type: array, items: {$ref: '#/components/schemas/PolicyTestUser'}}
                  result_info: {$ref: '#/components/schemas/PageInfo'}
          examples: {policyTestUserList: {$ref: '#/components/examples/PolicyTestUserList'}}
    UserPolicyCheck:
      description: UserPolicyCheck.
      headers: {cf-ray: {$ref: '#/components/headers/cf-ray'}}
      content:
        application/json:
          schema:
            allOf:
              - {$ref: '#/components/schemas/Success'}
              - {type: object, properties: {result: {$ref: '#/components/schemas/UserPolicyCheck'}}}
          examples: {userPolicyCheck: {$ref: '#/components/examples/UserPolicyCheck'}}
    GroupList:
      description: List of Group.
      headers: {cf-ray: {$ref: '#/components/headers/cf-ray'}}
      content:
        application/json:
          schema:
            allOf:
              - {$ref: '#/components/schemas/Success'}
              - type: object
                required: [result_info]
                properties:
                  result: {type: array, items: {$ref: '#/components/schemas/Group'}}
                  result_info: {$ref: '#/components/schemas/PageInfo'}
          examples: {groupList: {$ref: '#/components/examples/GroupList'}}
    GroupCreated:
      description: The new Group.
      headers:
        cf-ray: {$ref: '#/components/headers/cf-ray'}
        ETag: {$ref: '#/components/headers/ETag'}
        Location: {$ref: '#/components/headers/Location'}
      content:
        application/json:
          schema:
            allOf:
              - {$ref: '#/components/schemas/Success'}
              - {type: object, properties: {result: {$ref: '#/components/schemas/Group'}}}
          examples: {groupCreated: {$ref: '#/components/examples/GroupCreated'}}
    Group:
      description: Group.
      headers: {cf-ray: {$ref: '#/components/headers/cf-ray'}, ETag: {$ref: '#/components/headers/ETag'}}
      content:
        application/json:
          schema:
            allOf:
              - {$ref: '#/components/schemas/Success'}
              - {type: object, properties: {result: {$ref: '#/components/schemas/Group'}}}
          examples: {groupCreated: {$ref: '#/components/examples/GroupCreated'}}
    TagList:
      description: List of Tag.
      headers: {cf-ray: {$ref: '#/components/headers/cf-ray'}}
      content:
        application/json:
          schema:
            allOf:
              - {$ref: '#/components/schemas/Success'}
              - type: object
                required: [result_info]
                properties:
                  result: {type: array, items: {$ref: '#/components/schemas/Tag'}}
                  result_info: {$ref: '#/components/schemas/PageInfo'}
          examples: {tagList: {$ref: '#/components/examples/TagList'}}
    TagCreated:
      description: The new Tag.
      headers:
        cf-ray: {$ref: '#/components/headers/cf-ray'}
        ETag: {$ref: '#/components/headers/ETag'}
        Location: {$ref: '#/components/headers/Location'}
      content:
        application/json:
          schema:
            allOf:
              - {$ref: '#/components/schemas/Success'}
              - {type: object, properties: {result: {$ref: '#/components/schemas/Tag'}}}
          examples: {tagCreated: {$ref: '#/components/examples/TagCreated'}}
    Tag:
      description: Tag.
      headers: {cf-ray: {$ref: '#/components/headers/cf-ray'}, ETag: {$ref: '#/components/headers/ETag'}}
      content:
        application/json:
          schema:
            allOf:
              - {$ref: '#/components/schemas/Success'}
              - {type: object, properties: {result: {$ref: '#/components/schemas/Tag'}}}
          examples: {tagCreated: {$ref: '#/components/examples/TagCreated'}}
    TagDeleted:
      description: The name of what was deleted.
      headers: {cf-ray: {$ref: '#/components/headers/cf-ray'}}
      content:
        application/json:
          schema:
            allOf:
              - {$ref: '#/components/schemas/Success'}
              - type: object
                properties:
                  result: {type: object, required: [name], properties: {name: {type: string}}}
          examples: {tagDeleted: {$ref: '#/components/examples/TagDeleted'}}
    CustomPageList:
      description: List of CustomPage.
      headers: {cf-ray: {$ref: '#/components/headers/cf-ray'}}
      content:
        application/json:
          schema:
            allOf:
              - {$ref: '#/components/schemas/Success'}
              - type: object
                required: [result_info]
                properties:
                  result: {type: array, items: {$ref: '#/components/schemas/CustomPage'}}
                  result_info: {$ref: '#/components/schemas/PageInfo'}
          examples: {customPageList: {$ref: '#/components/examples/CustomPageList'}}
    CustomPageCreated:
      description: The new CustomPage.
      headers:
        cf-ray: {$ref: '#/components/headers/cf-ray'}
        ETag: {$ref: '#/components/headers/ETag'}
        Location: {$ref: '#/components/headers/Location'}
      content:
        application/json:
          schema:
            allOf:
              - {$ref: '#/components/schemas/Success'}
              - {type: object, properties: {result: {$ref: '#/components/schemas/CustomPage'}}}
          examples: {customPageCreated: {$ref: '#/components/examples/CustomPageCreated'}}
    CustomPage:
      description: CustomPage.
      headers: {cf-ray: {$ref: '#/components/headers/cf-ray'}, ETag: {$ref: '#/components/headers/ETag'}}
      content:
        application/json:
          schema:
            allOf:
              - {$ref: '#/components/schemas/Success'}
              - {type: object, properties: {result: {$ref: '#/components/schemas/CustomPage'}}}
          examples: {customPageCreated: {$ref: '#/components/examples/CustomPageCreated'}}
    ServiceTokenList:
      description: List of ServiceToken.
      headers: {cf-ray: {$ref: '#/components/headers/cf-ray'}}
      content:
        application/json:
          schema:
            allOf:
              - {$ref: '#/components/schemas/Success'}
              - type: object
                required: [result_info]
                properties:
                  result: {type: array, items: {$ref: '#/components/schemas/ServiceToken'}}
                  result_info: {$ref: '#/components/schemas/PageInfo'}
          examples: {serviceTokenList: {$ref: '#/components/examples/ServiceTokenList'}}
    ServiceTokenCreated:
      description: The new ServiceToken.
      headers:
        cf-ray: {$ref: '#/components/headers/cf-ray'}
        ETag: {$ref: '#/components/headers/ETag'}
        Location: {$ref: '#/components/headers/Location'}
      content:
        application/json:
          schema:
            allOf:
              - {$ref: '#/components/schemas/Success'}
              - type: object
                properties: {result: {$ref: '#/components/schemas/ServiceToken'}}
          examples: {serviceTokenCreated: {$ref: '#/components/examples/ServiceTokenCreated'}}
    ServiceToken:
      description: ServiceToken.
      headers: {cf-ray: {$ref: '#/components/headers/cf-ray'}, ETag: {$ref: '#/components/headers/ETag'}}
      content:
        application/json:
          schema:
            allOf:
              - {$ref: '#/components/schemas/Success'}
              - type: object
                properties: {result: {$ref: '#/components/schemas/ServiceToken'}}
          examples: {serviceToken: {$ref: '#/components/examples/ServiceToken'}}
    ServiceTokenRotated:
      description: The token with its new secret.
      headers: {cf-ray: {$ref: '#/components/headers/cf-ray'}, ETag: {$ref: '#/components/headers/ETag'}}
      content:
        application/json:
          schema:
            allOf:
              - {$ref: '#/components/schemas/Success'}
              - type: object
                properties: {result: {$ref: '#/components/schemas/ServiceToken'}}
          examples: {serviceTokenCreated: {$ref: '#/components/examples/ServiceTokenCreated'}}
    Keys:
      description: Keys.
      headers: {cf-ray: {$ref: '#/components/headers/cf-ray'}, ETag: {$ref: '#/components/headers/ETag'}}
      content:
        application/json:
          schema:
            allOf:
              - {$ref: '#/components/schemas/Success'}
              - {type: object, properties: {result: {$ref: '#/components/schemas/Keys'}}}
          examples: {keys: {$ref: '#/components/examples/Keys'}}
    AccessUserList:
      description: List of AccessUser.
      headers: {cf-ray: {$ref: '#/components/headers/cf-ray'}}
      content:
        application/json:
          schema:
            allOf:
              - {$ref: '#/components/schemas/Success'}
              - type: object
                required: [result_info]
                properties:
                  result: {type: array, items: {$ref: '#/components/schemas/AccessUser'}}
                  result_info: {$ref: '#/components/schemas/PageInfo'}
          examples: {accessUserList: {$ref: '#/components/examples/AccessUserList'}}
    AccessUserCreated:
      description: The new AccessUser.
      headers:
        cf-ray: {$ref: '#/components/headers/cf-ray'}
        ETag: {$ref: '#/components/headers/ETag'}
        Location: {$ref: '#/components/headers/Location'}
      content:
        application/json:
          schema:
            allOf:
              - {$ref: '#/components/schemas/Success'}
              - {type: object, properties: {result: {$ref: '#/components/schemas/AccessUser'}}}
          examples: {accessUserCreated: {$ref: '#/components/examples/AccessUserCreated'}}
    AccessUser:
      description: AccessUser.
      headers: {cf-ray: {$ref: '#/components/headers/cf-ray'}, ETag: {$ref: '#/components/headers/ETag'}}
      content:
        application/json:
          schema:
            allOf:
              - {$ref: '#/components/schemas/Success'}
              - {type: object, properties: {result: {$ref: '#/components/schemas/AccessUser'}}}
          examples: {accessUserCreated: {$ref: '#/components/examples/AccessUserCreated'}}
    OAuthClientList:
      description: List of OAuthClient.
      headers: {cf-ray: {$ref: '#/components/headers/cf-ray'}}
      content:
        application/json:
          schema:
            allOf:
              - {$ref: '#/components/schemas/Success'}
              - type: object
                required: [result_info]
                properties:
                  result: {type: array, items: {$ref: '#/components/schemas/OAuthClient'}}
                  result_info: {$ref: '#/components/schemas/SingleInfo'}
          examples: {oAuthClientList: {$ref: '#/components/examples/OAuthClientList'}}
    OAuthGrantList:
      description: List of OAuthGrant.
      headers: {cf-ray: {$ref: '#/components/headers/cf-ray'}}
      content:
        application/json:
          schema:
            allOf:
              - {$ref: '#/components/schemas/Success'}
              - type: object
                required: [result_info]
                properties:
                  result: {type: array, items: {$ref: '#/components/schemas/OAuthGrant'}}
                  result_info: {$ref: '#/components/schemas/SingleInfo'}
          examples: {oAuthGrantList: {$ref: '#/components/examples/OAuthGrantList'}}
    AccessRequestList:
      description: List of AccessRequest.
      headers: {cf-ray: {$ref: '#/components/headers/cf-ray'}}
      content:
        application/json:
          schema:
            allOf:
              - {$ref: '#/components/schemas/Success'}
              - type: object
                required: [result_info]
                properties:
                  result: {type: array, items: {$ref: '#/components/schemas/AccessRequest'}}
                  result_info: {$ref: '#/components/schemas/PageInfo'}
          examples: {accessRequestList: {$ref: '#/components/examples/AccessRequestList'}}
    FailedLogins:
      description: The latest refusals of the person.
      headers: {cf-ray: {$ref: '#/components/headers/cf-ray'}}
      content:
        application/json:
          schema:
            allOf:
              - {$ref: '#/components/schemas/Success'}
              - type: object
                required: [result_info]
                properties:
                  result:
                    type: array
                    items:
                      type: object
                      required: [expiration, metadata]
                      properties:
                        expiration: {type: integer, description: When the row is forgotten; seconds since 1970.}
                        metadata: {$ref: '#/components/schemas/AccessRequest'}
                  result_info: {$ref: '#/components/schemas/SingleInfo'}
          examples: {failedLogins: {$ref: '#/components/examples/FailedLogins'}}
    Sessions:
      description: The live sessions of the user, the latest first.
      headers: {cf-ray: {$ref: '#/components/headers/cf-ray'}}
      content:
        application/json:
          schema:
            allOf:
              - {$ref: '#/components/schemas/Success'}
              - type: object
                required: [result_info]
                properties:
                  result: {type: array, items: {$ref: '#/components/schemas/AccessSession'}}
                  result_info: {$ref: '#/components/schemas/SingleInfo'}
          examples: {sessions: {$ref: '#/components/examples/Sessions'}}
    Session:
      description: The identity of the session.
      headers: {cf-ray: {$ref: '#/components/headers/cf-ray'}}
      content:
        application/json:
          schema:
            allOf:
              - {$ref: '#/components/schemas/Success'}
              - {type: object, properties: {result: {$ref: '#/components/schemas/AccessIdentity'}}}
          examples: {accessIdentity: {$ref: '#/components/examples/AccessIdentity'}}
    SeatList:
      description: List of Seat.
      headers: {cf-ray: {$ref: '#/components/headers/cf-ray'}}
      content:
        application/json:
          schema:
            allOf:
              - {$ref: '#/components/schemas/Success'}
              - type: object
                required: [result_info]
                properties:
                  result: {type: array, items: {$ref: '#/components/schemas/Seat'}}
                  result_info: {$ref: '#/components/schemas/SingleInfo'}
          examples: {seatList: {$ref: '#/components/examples/SeatList'}}
    AuditRowList:
      description: List of AuditRow.
      headers: {cf-ray: {$ref: '#/components/headers/cf-ray'}}
      content:
        application/json:
          schema:
            allOf:
              - {$ref: '#/components/schemas/Success'}
              - type: object
                required: [result_info]
                properties:
                  result: {type: array, items: {$ref: '#/components/schemas/AuditRow'}}
                  result_info: {$ref: '#/components/schemas/CursorInfo'}
          examples: {auditRowList: {$ref: '#/components/examples/AuditRowList'}}
    ProductCategoryList:
      description: List of ProductCategory.
      headers: {cf-ray: {$ref: '#/components/headers/cf-ray'}}
      content:
        application/json:
          schema:
            allOf:
              - {$ref: '#/components/schemas/Success'}
              - type: object
                required: [result_info]
                properties:
                  result: {type: array, items: {$ref: '#/components/schemas/ProductCategory'}}
                  result_info: {$ref: '#/components/schemas/SingleInfo'}
          examples: {productCategoryList: {$ref: '#/components/examples/ProductCategoryList'}}
    AuditIntegrity:
      description: AuditIntegrity.
      headers: {cf-ray: {$ref: '#/components/headers/cf-ray'}, ETag: {$ref: '#/components/headers/ETag'}}
      content:
        application/json:
          schema:
            allOf:
              - {$ref: '#/components/schemas/Success'}
              - type: object
                properties: {result: {$ref: '#/components/schemas/AuditIntegrity'}}
          examples: {auditIntegrity: {$ref: '#/components/examples/AuditIntegrity'}}
  schemas:
    Hex:
      type: string
      pattern: ^[0-9a-f]{32}$
      description: 32 lowercase hexadecimal digits.
      examples: [0190b7f0c0de7a11a5c0ffee00000001]
    UUID:
      type: string
      pattern: ^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$
      description: A UUID in lowercase.
      examples: [0190b7f0-c0de-7a11-a5c0-ffee00000001]
    Name:
      type: string
      minLength: 1
      maxLength: 255
      pattern: ^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*[^\s\u0000-\u001f\u007f-\u009f\u2028\u2029][^\u0000-\u001f\u007f-\u009f\u2028\u2029]*$
      description: 1 to 255 characters after trimming, without control characters.
    Email:
      type: string
      minLength: 3
      maxLength: 254
      pattern: ^[^@\s]+@[^@\s]+$
      description: One `@`, at most 254 bytes; compared case-insensitively.
    Instant:
      type: string
      pattern: ^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}
      description: RFC 3339. Answers use UTC with `Z`; requests may use an offset.
      examples: ['2026-03-02T10:00:00Z']
    Duration:
      type: string
      pattern: ^([0-9]+(\.[0-9]+)?(ns|us|µs|ms|s|m|h))+$
      description: Decimal numbers with units `ns`, `us`, `µs`, `ms`, `s`, `m`, `h`. Returned exactly as sent.
      examples: [24h]
    URL:
      type: string
      minLength: 8
      maxLength: 2048
      pattern: ^https?://[^\s#@]+$
      description: Absolute, `https` (or `http` with a loopback host), no userinfo, no fragment.
    Color:
      type: string
      pattern: ^#[0-9A-Fa-f]{6}$
    CIDR:
      type: string
      minLength: 2
      maxLength: 49
      pattern: ^[0-9A-Fa-f:.]+(/[0-9]{1,3})?$
      description: IPv4 or IPv6. A bare address means /32 or /128.
    ErrorItem:
      type: object
      required: [code, message]
      properties:
        code: {type: integer, minimum: 1000, maximum: 99999}
        message:
          type: string
          description: '`<stable token>: <sentence>`. Match the token, never the sentence.'
        documentation_url: {type: string}
        source:
          type: object
          required: [pointer]
          properties:
            pointer:
              type: string
              description: RFC 6901 pointer into the body, `?name` for a query parameter, `#name` for a header.
        error_chain: {type: array, items: {$ref: '#/components/schemas/ErrorItem'}}
    MessageItem:
      type: object
      required: [message]
      properties:
        code: {type: integer}
        message: {type: string}
        type: {type: [string, 'null']}
        documentation_url: {type: string}
        source: {type: object}
    Success:
      type: object
      required: [success, errors, messages, result]
      properties:
        success: {const: true}
        errors: {type: array, items: {$ref: '#/components/schemas/ErrorItem'}, maxItems: 0}
        messages: {type: array, items: {$ref: '#/components/schemas/MessageItem'}}
        result: {}
    Problem:
      type: object
      required: [success, errors, messages, result]
      properties:
        success: {const: false}
        errors: {type: array, minItems: 1, maxItems: 20, items: {$ref: '#/components/schemas/ErrorItem'}}
        messages: {type: array, items: {$ref: '#/components/schemas/MessageItem'}}
        result: {type: 'null'}
    PageInfo:
      type: object
      required: [page, per_page, count, total_count, total_pages]
      properties:
        page: {type: integer, minimum: 1}
        per_page: {type: integer, minimum: 1, maximum: 1000}
        count: {type: integer, minimum: 0}
        total_count: {type: integer, minimum: 0}
        total_pages: {type: integer, minimum: 0}
    PageTokenInfo:
      type: object
      required: [page_size, total_size]
      properties:
        page_size: {type: integer, minimum: 1, maximum: 100}
        page_token: {type: [string, 'null']}
        next_page_token: {type: string, description: Absent on the last page.}
        total_size: {type: integer, minimum: 0}
    CursorInfo:
      type: object
      required: [count]
      properties:
        count: {type: integer, minimum: 0}
        cursors: {type: object, properties: {after: {type: [string, 'null']}}}
    SingleInfo:
      type: object
      required: [count, total_count]
      properties: {count: {type: integer, minimum: 0}, total_count: {type: integer, minimum: 0}}
    Deleted:
      type: object
      required: [id]
      properties: {id: {type: string}}
    OrganizationProfile:
      type: object
      required: [business_name, business_email, business_phone, business_address, external_metadata]
      properties:
        business_name: {type: string, maxLength: 1024, pattern: '^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*$'}
        business_email: {type: string, maxLength: 1024, pattern: '^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*$'}
        business_phone: {type: string, maxLength: 1024, pattern: '^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*$'}
        business_address: {type: string, maxLength: 1024, pattern: '^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*$'}
        external_metadata: {type: string, maxLength: 1024, pattern: '^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*$'}
    OrganizationBody:
      type: object
      required: [name]
      properties:
        name: {$ref: '#/components/schemas/Name'}
        parent:
          type: [object, 'null']
          required: [id]
          properties: {id: {$ref: '#/components/schemas/Hex'}}
          description: The organization above. Left out of a PUT it stays as it is.
        profile: {anyOf: [{$ref: '#/components/schemas/OrganizationProfile'}, {type: 'null'}]}
    Organization:
      type: object
      required: [id, name, create_time, meta]
      properties:
        id: {$ref: '#/components/schemas/Hex'}
        name: {type: string}
        create_time: {$ref: '#/components/schemas/Instant'}
        parent:
          type: object
          required: [id, name]
          properties: {id: {$ref: '#/components/schemas/Hex'}, name: {type: string}}
        profile: {anyOf: [{$ref: '#/components/schemas/OrganizationProfile'}, {type: 'null'}]}
        meta:
          type: object
          required: [hierarchy_tags, tenant_flags]
          properties:
            hierarchy_tags:
              type: array
              items: {type: string}
              description: From the root to the organization itself.
            managed_by: {type: [string, 'null']}
            tenant_flags:
              type: object
              required:
                - account_creation
                - account_creation_applies_tenant_defaults
                - account_deletion
                - account_migration
                - account_mobility
                - enterprise_capability
                - member_management
                - sub_org_creation
              properties:
                account_creation: {type: string, enum: [enabled, disabled]}
                account_creation_applies_tenant_defaults: {type: string, enum: [enabled, disabled]}
                account_deletion: {type: string, enum: [enabled, disabled]}
                account_migration: {type: string, enum: [enabled, disabled]}
                account_mobility: {type: string, enum: [enabled, disabled]}
                enterprise_capability: {type: string, enum: [enabled, disabled]}
                member_management: {type: string, enum: [enabled, disabled]}
                sub_org_creation: {type: string, enum: [enabled, disabled]}
    OrganizationMember:
      type: object
      required: [id, create_time, update_time, status, meta, user]
      properties:
        id: {$ref: '#/components/schemas/Hex'}
        create_time: {$ref: '#/components/schemas/Instant'}
        update_time: {$ref: '#/components/schemas/Instant'}
        status: {type: string, enum: [pending, active, canceled]}
        meta:
          type: object
          required: [role]
          properties: {role: {type: string, enum: [super_administrator, reader]}}
        user:
          type: object
          required: [id, email, two_factor_authentication_enabled]
          properties:
            id: {$ref: '#/components/schemas/Hex'}
            email: {type: string}
            name: {type: [string, 'null']}
            two_factor_authentication_enabled: {type: boolean}
    OrganizationMemberBody:
      type: object
      properties:
        member:
          type: [object, 'null']
          required: [user]
          properties:
            user:
              type: object
              required: [email]
              properties: {email: {$ref: '#/components/schemas/Email'}}
            status: {type: [string, 'null'], enum: [pending, active, null], default: pending}
        email:
          anyOf: [{$ref: '#/components/schemas/Email'}, {type: 'null'}]
          description: Plain form of `member.user.email`.
        role:
          type: [string, 'null']
          enum: [super_administrator, reader, null]
          description: 'orgd: what the member may do.'
    OrganizationMemberPatch:
      type: object
      properties:
        role: {type: [string, 'null'], enum: [super_administrator, reader, null]}
        status: {type: [string, 'null'], enum: [pending, active, canceled, null]}
    AccountSettings:
      type: object
      properties:
        abuse_contact_email: {anyOf: [{$ref: '#/components/schemas/Email'}, {type: 'null'}]}
        enforce_twofactor: {type: [boolean, 'null'], default: false}
    AccountBody:
      type: object
      required: [name]
      properties:
        name:
          type: string
          minLength: 1
          maxLength: 100
          pattern: ^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*[^\s\u0000-\u001f\u007f-\u009f\u2028\u2029][^\u0000-\u001f\u007f-\u009f\u2028\u2029]*$
        type: {type: [string, 'null'], enum: [standard, enterprise, null], default: standard}
        unit:
          type: [object, 'null']
          required: [id]
          properties: {id: {$ref: '#/components/schemas/Hex'}}
          description: The organization that will own the account.
        standalone:
          type: [boolean, 'null']
          enum: [true, null]
          description: 'orgd: no organization. Not together with `unit`.'
    AccountUpdate:
      type: object
      required: [id, name, type]
      properties:
        id: {$ref: '#/components/schemas/Hex'}
        name:
          type: string
          minLength: 1
          maxLength: 100
          pattern: ^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*[^\s\u0000-\u001f\u007f-\u009f\u2028\u2029][^\u0000-\u001f\u007f-\u009f\u2028\u2029]*$
        type: {type: string, enum: [standard, enterprise]}
        settings: {anyOf: [{$ref: '#/components/schemas/AccountSettings'}, {type: 'null'}]}
    Account:
      type: object
      required: [id, name, type, created_on, settings]
      properties:
        id: {$ref: '#/components/schemas/Hex'}
        name: {type: string}
        type: {type: string, enum: [standard, enterprise]}
        created_on: {$ref: '#/components/schemas/Instant'}
        settings:
          type: object
          required: [enforce_twofactor]
          properties:
            abuse_contact_email: {type: [string, 'null']}
            enforce_twofactor: {type: boolean}
        managed_by:
          type: [object, 'null']
          required: [parent_org_id, parent_org_name]
          properties: {parent_org_id: {$ref: '#/components/schemas/Hex'}, parent_org_name: {type: string}}
    AccountMove:
      type: object
      required: [destination_organization_id]
      properties:
        destination_organization_id:
          anyOf: [{$ref: '#/components/schemas/Hex'}, {type: string, maxLength: 0}, {type: 'null'}]
          description: '`null` or the empty text: out of every organization.'
    AccountsMove:
      type: object
      required: [account_ids, destination_organization_id]
      properties:
        account_ids: {type: array, minItems: 1, maxItems: 100, items: {$ref: '#/components/schemas/Hex'}}
        destination_organization_id:
          anyOf: [{$ref: '#/components/schemas/Hex'}, {type: string, maxLength: 0}, {type: 'null'}]
          description: '`null` or the empty text: out of every organization.'
    AccountMoved:
      type: object
      required: [account_id, source_organization_id, destination_organization_id]
      properties:
        account_id: {$ref: '#/components/schemas/Hex'}
        source_organization_id: {type: [string, 'null']}
        destination_organization_id: {type: [string, 'null']}
    MemberPolicyBody:
      type: object
      required: [access, permission_groups, resource_groups]
      properties:
        access: {type: string, enum: [allow, deny]}
        permission_groups:
          type: array
          minItems: 1
          items:
            type: object
            required: [id]
            properties: {id: {$ref: '#/components/schemas/Hex'}}
        resource_groups:
          type: array
          minItems: 1
          items: {type: object, required: [id], properties: {id: {type: string, minLength: 1}}}
    MemberBody:
      type: object
      required: [email]
      properties:
        email: {$ref: '#/components/schemas/Email'}
        roles:
          type: [array, 'null']
          minItems: 1
          items: {$ref: '#/components/schemas/Hex'}
          description: Role ids. Either `roles` or `policies`.
        policies:
          type: [array, 'null']
          minItems: 1
          items: {$ref: '#/components/schemas/MemberPolicyBody'}
        status: {type: [string, 'null'], enum: [pending, accepted, null], default: pending}
    MemberUpdate:
      type: object
      properties:
        roles:
          type: [array, 'null']
          minItems: 1
          items:
            type: object
            required: [id]
            properties: {id: {$ref: '#/components/schemas/Hex'}}
        policies:
          type: [array, 'null']
          minItems: 1
          items: {$ref: '#/components/schemas/MemberPolicyBody'}
        status: {type: [string, 'null'], enum: [pending, accepted, null]}
    Role:
      type: object
      required: [id, name, description, permissions]
      properties:
        id: {$ref: '#/components/schemas/Hex'}
        name: {type: string}
        description: {type: string}
        permissions:
          type: object
          additionalProperties:
            type: object
            required: [read, write]
            properties: {read: {type: boolean}, write: {type: boolean}}
    MemberPolicy:
      type: object
      required: [access, permission_groups, resource_groups]
      properties:
        id: {type: string}
        access: {type: string, enum: [allow, deny]}
        permission_groups:
          type: array
          items:
            type: object
            required: [id]
            properties:
              id: {$ref: '#/components/schemas/Hex'}
              name: {type: string}
              meta: {type: object}
        resource_groups:
          type: array
          items:
            type: object
            required: [id]
            properties: {id: {type: string}, name: {type: string}, scope: {}, meta: {type: object}}
    Member:
      type: object
      required: [id, email, status, roles, policies, user]
      properties:
        id: {$ref: '#/components/schemas/Hex'}
        email: {type: string}
        status: {type: string, enum: [accepted, pending, rejected]}
        roles: {type: array, items: {$ref: '#/components/schemas/Role'}}
        policies: {type: array, items: {$ref: '#/components/schemas/MemberPolicy'}}
        user:
          type: object
          required: [id, email, two_factor_authentication_enabled]
          properties:
            id: {$ref: '#/components/schemas/Hex'}
            email: {type: string}
            first_name: {type: [string, 'null']}
            last_name: {type: [string, 'null']}
            two_factor_authentication_enabled: {type: boolean}
    PermissionGroup:
      type: object
      required: [id, name, scopes]
      properties:
        id: {$ref: '#/components/schemas/Hex'}
        name: {type: string}
        category: {type: string, enum: [cloudflare_one_and_zero_trust, account_and_billing, other]}
        is_selectable: {type: boolean}
        scopes: {type: array, items: {type: string}}
    TokenPolicyBody:
      type: object
      required: [effect, permission_groups, resources]
      properties:
        effect: {type: string, enum: [allow, deny]}
        permission_groups:
          type: array
          minItems: 1
          items:
            type: object
            required: [id]
            properties: {id: {$ref: '#/components/schemas/Hex'}}
        resources:
          type: object
          minProperties: 1
          additionalProperties: {anyOf: [{const: '*'}, {type: object, additionalProperties: {type: string}}]}
          description: Keys such as `com.cloudflare.api.account.<id>`, `com.cloudflare.api.account.*`, `com.cloudflare.api.user.<id>` and `com.cloudflare.api.organization.<id>`.
    TokenBody:
      type: object
      required: [name, policies]
      properties:
        name:
          type: string
          minLength: 1
          maxLength: 120
          pattern: ^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*[^\s\u0000-\u001f\u007f-\u009f\u2028\u2029][^\u0000-\u001f\u007f-\u009f\u2028\u2029]*$
        policies:
          type: array
          minItems: 1
          maxItems: 100
          items: {$ref: '#/components/schemas/TokenPolicyBody'}
        condition:
          type: [object, 'null']
          properties:
            request_ip:
              type: [object, 'null']
              properties:
                in:
                  type: [array, 'null']
                  maxItems: 100
                  items: {$ref: '#/components/schemas/CIDR'}
                not_in:
                  type: [array, 'null']
                  maxItems: 100
                  items: {$ref: '#/components/schemas/CIDR'}
        not_before: {anyOf: [{$ref: '#/components/schemas/Instant'}, {type: 'null'}]}
        expires_on: {anyOf: [{$ref: '#/components/schemas/Instant'}, {type: 'null'}]}
    TokenUpdate:
      type: object
      required: [name, policies]
      properties:
        name:
          type: string
          minLength: 1
          maxLength: 120
          pattern: ^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*[^\s\u0000-\u001f\u007f-\u009f\u2028\u2029][^\u0000-\u001f\u007f-\u009f\u2028\u2029]*$
        policies:
          type: array
          minItems: 1
          maxItems: 100
          items: {$ref: '#/components/schemas/TokenPolicyBody'}
        condition:
          type: [object, 'null']
          properties:
            request_ip:
              type: [object, 'null']
              properties:
                in:
                  type: [array, 'null']
                  maxItems: 100
                  items: {$ref: '#/components/schemas/CIDR'}
                not_in:
                  type: [array, 'null']
                  maxItems: 100
                  items: {$ref: '#/components/schemas/CIDR'}
        not_before: {anyOf: [{$ref: '#/components/schemas/Instant'}, {type: 'null'}]}
        expires_on: {anyOf: [{$ref: '#/components/schemas/Instant'}, {type: 'null'}]}
        status: {type: [string, 'null'], enum: [active, disabled, null], default: active}
    TokenPolicy:
      type: object
      required: [id, effect, permission_groups, resources]
      properties:
        id: {type: string}
        effect: {type: string, enum: [allow, deny]}
        permission_groups:
          type: array
          items:
            type: object
            required: [id]
            properties:
              id: {$ref: '#/components/schemas/Hex'}
              name: {type: string}
              meta: {type: object}
        resources: {type: object}
    Token:
      type: object
      required: [id, name, status, policies, issued_on, modified_on]
      properties:
        id: {$ref: '#/components/schemas/Hex'}
        name: {type: string}
        status: {type: string, enum: [active, disabled, expired]}
        policies: {type: array, items: {$ref: '#/components/schemas/TokenPolicy'}}
        condition: {type: [object, 'null']}
        issued_on: {$ref: '#/components/schemas/Instant'}
        modified_on: {$ref: '#/components/schemas/Instant'}
        last_used_on: {anyOf: [{$ref: '#/components/schemas/Instant'}, {type: 'null'}]}
        not_before: {anyOf: [{$ref: '#/components/schemas/Instant'}, {type: 'null'}]}
        expires_on: {anyOf: [{$ref: '#/components/schemas/Instant'}, {type: 'null'}]}
        creator_email_at_creation: {type: [string, 'null']}
        value: {type: string, description: Only in the answer that created the token.}
    TokenVerification:
      type: object
      required: [id, status]
      properties:
        id: {type: string}
        status: {type: string, enum: [active, disabled, expired]}
        not_before: {anyOf: [{$ref: '#/components/schemas/Instant'}, {type: 'null'}]}
        expires_on: {anyOf: [{$ref: '#/components/schemas/Instant'}, {type: 'null'}]}
    User:
      type: object
      required: [id, email]
      properties:
        id: {$ref: '#/components/schemas/Hex'}
        email: {type: string}
        first_name: {type: [string, 'null']}
        last_name: {type: [string, 'null']}
        two_factor_authentication_enabled: {type: boolean}
        created_on: {$ref: '#/components/schemas/Instant'}
        modified_on: {$ref: '#/components/schemas/Instant'}
        organizations: {type: array, items: {type: object}}
        betas: {type: array, items: {type: string}}
    Membership:
      type: object
      required: [id, status, account]
      properties:
        id: {$ref: '#/components/schemas/Hex'}
        status: {type: string, enum: [accepted, pending, rejected]}
        account: {$ref: '#/components/schemas/Account'}
        roles: {type: array, items: {anyOf: [{type: string}, {type: object}]}}
        policies: {type: array, items: {type: object}}
        permissions: {type: object}
    Entitlement:
      type: object
      required: [id, feature, allocation]
      properties:
        id: {type: string}
        feature:
          type: object
          required: [id, key, name, feature_set]
          properties:
            id: {type: integer}
            key: {type: string}
            name: {type: string}
            feature_set: {type: string}
        allocation:
          type: object
          required: [type, value]
          properties:
            type: {type: string, enum: [bool, max_count, enum_number, range, string]}
            value: {}
        created_date: {type: [string, 'null']}
        edited_date: {type: [string, 'null']}
        deleted_date: {type: [string, 'null']}
    MFAConfig:
      type: object
      properties:
        allowed_authenticators:
          type: [array, 'null']
          items: {type: string, enum: [totp, biometrics, security_key, ssh_piv_key]}
        mfa_disabled: {type: [boolean, 'null']}
        session_duration: {type: [string, 'null'], pattern: '^([0-9]+(\.[0-9]+)?(m|h))+$'}
      description: Stored and returned, not enforced.
    ZeroTrustOrganizationBody:
      type: object
      required: [name, auth_domain]
      properties:
        name: {$ref: '#/components/schemas/Name'}
        auth_domain:
          type: string
          minLength: 3
          maxLength: 253
          pattern: ^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9-]+)+$
          description: '`<team>.<access domain>`, unique on the server.'
        session_duration:
          anyOf: [{$ref: '#/components/schemas/Duration'}, {type: 'null'}]
          default: 24h
          description: 15m to 730h.
        auto_redirect_to_identity:
          type: [boolean, 'null']
          default: false
          description: Only effective when exactly one IdP is enabled.
        login_design:
          type: [object, 'null']
          properties:
            background_color: {anyOf: [{$ref: '#/components/schemas/Color'}, {type: 'null'}]}
            text_color: {anyOf: [{$ref: '#/components/schemas/Color'}, {type: 'null'}]}
            logo_path: {anyOf: [{$ref: '#/components/schemas/URL'}, {type: 'null'}]}
            header_text:
              type: [string, 'null']
              maxLength: 512
              pattern: ^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*$
            footer_text:
              type: [string, 'null']
              maxLength: 512
              pattern: ^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*$
        custom_pages:
          type: [object, 'null']
          properties:
            forbidden: {anyOf: [{$ref: '#/components/schemas/UUID'}, {type: 'null'}]}
            identity_denied: {anyOf: [{$ref: '#/components/schemas/UUID'}, {type: 'null'}]}
        strict_service_token_auth: {type: [boolean, 'null'], default: true}
        service_token_inactivity:
          type: [object, 'null']
          required: [enabled, inactivity_threshold_days, action]
          properties:
            enabled: {type: boolean}
            inactivity_threshold_days: {type: integer, minimum: 30, maximum: 365}
            action: {type: string, enum: [disable, delete]}
        user_seat_expiration_inactive_time:
          anyOf: [{$ref: '#/components/schemas/Duration'}, {type: 'null'}]
          description: At least 730h.
        is_ui_read_only: {type: [boolean, 'null'], default: false}
        ui_read_only_toggle_reason:
          type: [string, 'null']
          maxLength: 512
          pattern: ^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*$
        deny_unmatched_requests: {type: [boolean, 'null'], default: true}
        deny_unmatched_requests_exempted_zone_names:
          type: [array, 'null']
          maxItems: 1000
          items: {type: string, minLength: 1, maxLength: 253}

"""##,
##"""
        allow_authenticate_via_warp: {type: [boolean, 'null'], default: false}
        warp_auth_session_duration: {anyOf: [{$ref: '#/components/schemas/Duration'}, {type: 'null'}]}
        amr_matching_session_duration: {anyOf: [{$ref: '#/components/schemas/Duration'}, {type: 'null'}]}
        mfa_config: {anyOf: [{$ref: '#/components/schemas/MFAConfig'}, {type: 'null'}]}
        mfa_piv_key_requirements: {type: [object, 'null']}
        mfa_required_for_all_apps: {type: [boolean, 'null'], default: false}
    ZeroTrustOrganizationUpdate:
      type: object
      properties:
        name: {anyOf: [{$ref: '#/components/schemas/Name'}, {type: 'null'}]}
        auth_domain:
          type: [string, 'null']
          minLength: 3
          maxLength: 253
          pattern: ^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9-]+)+$
          description: '`<team>.<access domain>`, unique on the server.'
        session_duration:
          anyOf: [{$ref: '#/components/schemas/Duration'}, {type: 'null'}]
          default: 24h
          description: 15m to 730h.
        auto_redirect_to_identity:
          type: [boolean, 'null']
          default: false
          description: Only effective when exactly one IdP is enabled.
        login_design:
          type: [object, 'null']
          properties:
            background_color: {anyOf: [{$ref: '#/components/schemas/Color'}, {type: 'null'}]}
            text_color: {anyOf: [{$ref: '#/components/schemas/Color'}, {type: 'null'}]}
            logo_path: {anyOf: [{$ref: '#/components/schemas/URL'}, {type: 'null'}]}
            header_text:
              type: [string, 'null']
              maxLength: 512
              pattern: ^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*$
            footer_text:
              type: [string, 'null']
              maxLength: 512
              pattern: ^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*$
        custom_pages:
          type: [object, 'null']
          properties:
            forbidden: {anyOf: [{$ref: '#/components/schemas/UUID'}, {type: 'null'}]}
            identity_denied: {anyOf: [{$ref: '#/components/schemas/UUID'}, {type: 'null'}]}
        strict_service_token_auth: {type: [boolean, 'null'], default: true}
        service_token_inactivity:
          type: [object, 'null']
          required: [enabled, inactivity_threshold_days, action]
          properties:
            enabled: {type: boolean}
            inactivity_threshold_days: {type: integer, minimum: 30, maximum: 365}
            action: {type: string, enum: [disable, delete]}
        user_seat_expiration_inactive_time:
          anyOf: [{$ref: '#/components/schemas/Duration'}, {type: 'null'}]
          description: At least 730h.
        is_ui_read_only: {type: [boolean, 'null'], default: false}
        ui_read_only_toggle_reason:
          type: [string, 'null']
          maxLength: 512
          pattern: ^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*$
        deny_unmatched_requests: {type: [boolean, 'null'], default: true}
        deny_unmatched_requests_exempted_zone_names:
          type: [array, 'null']
          maxItems: 1000
          items: {type: string, minLength: 1, maxLength: 253}
        allow_authenticate_via_warp: {type: [boolean, 'null'], default: false}
        warp_auth_session_duration: {anyOf: [{$ref: '#/components/schemas/Duration'}, {type: 'null'}]}
        amr_matching_session_duration: {anyOf: [{$ref: '#/components/schemas/Duration'}, {type: 'null'}]}
        mfa_config: {anyOf: [{$ref: '#/components/schemas/MFAConfig'}, {type: 'null'}]}
        mfa_piv_key_requirements: {type: [object, 'null']}
        mfa_required_for_all_apps: {type: [boolean, 'null'], default: false}
    ZeroTrustOrganization:
      type: object
      required: [name, auth_domain, created_at, updated_at]
      properties:
        name: {type: string}
        auth_domain: {type: string}
        session_duration:
          anyOf: [{$ref: '#/components/schemas/Duration'}, {type: 'null'}]
          default: 24h
          description: 15m to 730h.
        auto_redirect_to_identity:
          type: [boolean, 'null']
          default: false
          description: Only effective when exactly one IdP is enabled.
        login_design:
          type: [object, 'null']
          properties:
            background_color: {anyOf: [{$ref: '#/components/schemas/Color'}, {type: 'null'}]}
            text_color: {anyOf: [{$ref: '#/components/schemas/Color'}, {type: 'null'}]}
            logo_path: {anyOf: [{$ref: '#/components/schemas/URL'}, {type: 'null'}]}
            header_text:
              type: [string, 'null']
              maxLength: 512
              pattern: ^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*$
            footer_text:
              type: [string, 'null']
              maxLength: 512
              pattern: ^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*$
        custom_pages:
          type: [object, 'null']
          properties:
            forbidden: {anyOf: [{$ref: '#/components/schemas/UUID'}, {type: 'null'}]}
            identity_denied: {anyOf: [{$ref: '#/components/schemas/UUID'}, {type: 'null'}]}
        strict_service_token_auth: {type: [boolean, 'null'], default: true}
        service_token_inactivity:
          type: [object, 'null']
          required: [enabled, inactivity_threshold_days, action]
          properties:
            enabled: {type: boolean}
            inactivity_threshold_days: {type: integer, minimum: 30, maximum: 365}
            action: {type: string, enum: [disable, delete]}
        user_seat_expiration_inactive_time:
          anyOf: [{$ref: '#/components/schemas/Duration'}, {type: 'null'}]
          description: At least 730h.
        is_ui_read_only: {type: [boolean, 'null'], default: false}
        ui_read_only_toggle_reason:
          type: [string, 'null']
          maxLength: 512
          pattern: ^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*$
        deny_unmatched_requests: {type: [boolean, 'null'], default: true}
        deny_unmatched_requests_exempted_zone_names:
          type: [array, 'null']
          maxItems: 1000
          items: {type: string, minLength: 1, maxLength: 253}
        allow_authenticate_via_warp: {type: [boolean, 'null'], default: false}
        warp_auth_session_duration: {anyOf: [{$ref: '#/components/schemas/Duration'}, {type: 'null'}]}
        amr_matching_session_duration: {anyOf: [{$ref: '#/components/schemas/Duration'}, {type: 'null'}]}
        mfa_config: {anyOf: [{$ref: '#/components/schemas/MFAConfig'}, {type: 'null'}]}
        mfa_piv_key_requirements: {type: [object, 'null']}
        mfa_required_for_all_apps: {type: [boolean, 'null'], default: false}
        trusted_accounts: {type: array, items: {}, maxItems: 0}
        created_at: {$ref: '#/components/schemas/Instant'}
        updated_at: {$ref: '#/components/schemas/Instant'}
    RevokeUserBody:
      type: object
      required: [email]
      properties:
        email: {$ref: '#/components/schemas/Email'}
        user_uid: {anyOf: [{$ref: '#/components/schemas/UUID'}, {type: 'null'}]}
        devices: {type: [boolean, 'null'], default: false}
        warp_session_reauth: {type: [boolean, 'null'], default: false}
    SCIMConfigBody:
      type: object
      properties:
        enabled: {type: [boolean, 'null'], default: false}
        user_deprovision: {type: [boolean, 'null'], default: false}
        seat_deprovision: {type: [boolean, 'null'], default: false, description: Needs `user_deprovision`.}
        identity_update_behavior:
          type: [string, 'null']
          enum: [no_action, automatic, reauth, null]
          default: no_action
    IdPOneTimePIN:
      type: object
      required: [name, type, config]
      properties:
        name: {$ref: '#/components/schemas/Name'}
        type: {type: string, const: onetimepin}
        config: {type: object, properties: {}}
        scim_config: {anyOf: [{$ref: '#/components/schemas/SCIMConfigBody'}, {type: 'null'}]}
    IdPCloudflare:
      type: object
      required: [name, type, config]
      properties:
        name: {$ref: '#/components/schemas/Name'}
        type: {type: string, const: cloudflare}
        config:
          type: object
          properties: {restrict_to_account_members: {type: [boolean, 'null'], default: false}}
        scim_config: {anyOf: [{$ref: '#/components/schemas/SCIMConfigBody'}, {type: 'null'}]}
    IdPOIDC:
      type: object
      required: [name, type, config]
      properties:
        name: {$ref: '#/components/schemas/Name'}
        type: {type: string, const: oidc}
        config:
          type: object
          required: [client_id, auth_url, token_url, certs_url]
          properties:
            client_id:
              type: string
              minLength: 1
              maxLength: 1024
              pattern: ^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*$
            client_secret:
              type: [string, 'null']
              maxLength: 4096
              description: 'Write-only: reads as a mask. Absent or the mask keeps the stored one on PUT.'
            claims:
              type: [array, 'null']
              maxItems: 50
              items: {type: string, minLength: 1, maxLength: 255}
            email_claim_name: {type: [string, 'null'], minLength: 1, maxLength: 255, default: email}
            auth_url: {$ref: '#/components/schemas/URL'}
            token_url: {$ref: '#/components/schemas/URL'}
            certs_url: {$ref: '#/components/schemas/URL'}
            scopes:
              type: [array, 'null']
              maxItems: 50
              items: {type: string, minLength: 1, maxLength: 255}
              default: [openid, email, profile]
            pkce_enabled: {type: [boolean, 'null'], default: false}
            issuer:
              anyOf: [{$ref: '#/components/schemas/URL'}, {type: 'null'}]
              description: 'orgd: else learnt from discovery or the first valid token.'
            id_token_signing_algs:
              type: [array, 'null']
              items:
                type: string
                enum:
                  - RS256
                  - RS384
                  - RS512
                  - PS256
                  - PS384
                  - PS512
                  - ES256
                  - ES384
                  - ES512
                  - EdDSA
              description: orgd
        scim_config: {anyOf: [{$ref: '#/components/schemas/SCIMConfigBody'}, {type: 'null'}]}
    IdPAzureAD:
      type: object
      required: [name, type, config]
      properties:
        name: {$ref: '#/components/schemas/Name'}
        type: {type: string, const: azureAD}
        config:
          type: object
          required: [client_id, directory_id]
          properties:
            client_id:
              type: string
              minLength: 1
              maxLength: 1024
              pattern: ^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*$
            client_secret:
              type: [string, 'null']
              maxLength: 4096
              description: 'Write-only: reads as a mask. Absent or the mask keeps the stored one on PUT.'
            claims:
              type: [array, 'null']
              maxItems: 50
              items: {type: string, minLength: 1, maxLength: 255}
            email_claim_name: {type: [string, 'null'], minLength: 1, maxLength: 255, default: email}
            directory_id:
              type: string
              minLength: 1
              maxLength: 255
              pattern: ^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*$
            support_groups: {type: [boolean, 'null'], default: false}
            prompt: {type: [string, 'null'], enum: [login, select_account, none, null]}
            conditional_access_enabled: {type: [boolean, 'null'], default: false}
        scim_config: {anyOf: [{$ref: '#/components/schemas/SCIMConfigBody'}, {type: 'null'}]}
    IdPOkta:
      type: object
      required: [name, type, config]
      properties:
        name: {$ref: '#/components/schemas/Name'}
        type: {type: string, const: okta}
        config:
          type: object
          required: [client_id, okta_account]
          properties:
            client_id:
              type: string
              minLength: 1
              maxLength: 1024
              pattern: ^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*$
            client_secret:
              type: [string, 'null']
              maxLength: 4096
              description: 'Write-only: reads as a mask. Absent or the mask keeps the stored one on PUT.'
            claims:
              type: [array, 'null']
              maxItems: 50
              items: {type: string, minLength: 1, maxLength: 255}
            email_claim_name: {type: [string, 'null'], minLength: 1, maxLength: 255, default: email}
            okta_account:
              type: string
              minLength: 1
              maxLength: 2048
              pattern: ^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*$
            authorization_server_id:
              type: [string, 'null']
              maxLength: 255
              pattern: ^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*$
        scim_config: {anyOf: [{$ref: '#/components/schemas/SCIMConfigBody'}, {type: 'null'}]}
    IdPGoogleApps:
      type: object
      required: [name, type, config]
      properties:
        name: {$ref: '#/components/schemas/Name'}
        type: {type: string, const: google-apps}
        config:
          type: object
          required: [client_id, apps_domain]
          properties:
            client_id:
              type: string
              minLength: 1
              maxLength: 1024
              pattern: ^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*$
            client_secret:
              type: [string, 'null']
              maxLength: 4096
              description: 'Write-only: reads as a mask. Absent or the mask keeps the stored one on PUT.'
            claims:
              type: [array, 'null']
              maxItems: 50
              items: {type: string, minLength: 1, maxLength: 255}
            email_claim_name: {type: [string, 'null'], minLength: 1, maxLength: 255, default: email}
            apps_domain: {type: string, minLength: 1, maxLength: 253}
            prompt: {type: [string, 'null'], enum: [none, consent, select_account, null]}
            use_login_hint: {type: [boolean, 'null'], default: false}
        scim_config: {anyOf: [{$ref: '#/components/schemas/SCIMConfigBody'}, {type: 'null'}]}
    IdPGoogle:
      type: object
      required: [name, type, config]
      properties:
        name: {$ref: '#/components/schemas/Name'}
        type: {type: string, const: google}
        config:
          type: object
          required: [client_id]
          properties:
            client_id:
              type: string
              minLength: 1
              maxLength: 1024
              pattern: ^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*$
            client_secret:
              type: [string, 'null']
              maxLength: 4096
              description: 'Write-only: reads as a mask. Absent or the mask keeps the stored one on PUT.'
            claims:
              type: [array, 'null']
              maxItems: 50
              items: {type: string, minLength: 1, maxLength: 255}
            email_claim_name: {type: [string, 'null'], minLength: 1, maxLength: 255, default: email}
        scim_config: {anyOf: [{$ref: '#/components/schemas/SCIMConfigBody'}, {type: 'null'}]}
    IdPOnelogin:
      type: object
      required: [name, type, config]
      properties:
        name: {$ref: '#/components/schemas/Name'}
        type: {type: string, const: onelogin}
        config:
          type: object
          required: [client_id, onelogin_account]
          properties:
            client_id:
              type: string
              minLength: 1
              maxLength: 1024
              pattern: ^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*$
            client_secret:
              type: [string, 'null']
              maxLength: 4096
              description: 'Write-only: reads as a mask. Absent or the mask keeps the stored one on PUT.'
            claims:
              type: [array, 'null']
              maxItems: 50
              items: {type: string, minLength: 1, maxLength: 255}
            email_claim_name: {type: [string, 'null'], minLength: 1, maxLength: 255, default: email}
            onelogin_account:
              type: string
              minLength: 1
              maxLength: 2048
              pattern: ^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*$
        scim_config: {anyOf: [{$ref: '#/components/schemas/SCIMConfigBody'}, {type: 'null'}]}
    IdPPingone:
      type: object
      required: [name, type, config]
      properties:
        name: {$ref: '#/components/schemas/Name'}
        type: {type: string, const: pingone}
        config:
          type: object
          required: [client_id, ping_env_id]
          properties:
            client_id:
              type: string
              minLength: 1
              maxLength: 1024
              pattern: ^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*$
            client_secret:
              type: [string, 'null']
              maxLength: 4096
              description: 'Write-only: reads as a mask. Absent or the mask keeps the stored one on PUT.'
            claims:
              type: [array, 'null']
              maxItems: 50
              items: {type: string, minLength: 1, maxLength: 255}
            email_claim_name: {type: [string, 'null'], minLength: 1, maxLength: 255, default: email}
            ping_env_id:
              type: string
              minLength: 1
              maxLength: 255
              pattern: ^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*$
        scim_config: {anyOf: [{$ref: '#/components/schemas/SCIMConfigBody'}, {type: 'null'}]}
    IdPCentrify:
      type: object
      required: [name, type, config]
      properties:
        name: {$ref: '#/components/schemas/Name'}
        type: {type: string, const: centrify}
        config:
          type: object
          required: [client_id, centrify_account, centrify_app_id]
          properties:
            client_id:
              type: string
              minLength: 1
              maxLength: 1024
              pattern: ^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*$
            client_secret:
              type: [string, 'null']
              maxLength: 4096
              description: 'Write-only: reads as a mask. Absent or the mask keeps the stored one on PUT.'
            claims:
              type: [array, 'null']
              maxItems: 50
              items: {type: string, minLength: 1, maxLength: 255}
            email_claim_name: {type: [string, 'null'], minLength: 1, maxLength: 255, default: email}
            centrify_account:
              type: string
              minLength: 1
              maxLength: 2048
              pattern: ^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*$
            centrify_app_id:
              type: string
              minLength: 1
              maxLength: 255
              pattern: ^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*$
        scim_config: {anyOf: [{$ref: '#/components/schemas/SCIMConfigBody'}, {type: 'null'}]}
    IdPSAML:
      type: object
      required: [name, type, config]
      properties:
        name: {$ref: '#/components/schemas/Name'}
        type: {type: string, const: saml}
        config:
          type: object
          properties:
            issuer_url: {type: [string, 'null'], maxLength: 2048}
            sso_target_url: {type: [string, 'null'], maxLength: 2048}
            idp_public_certs: {type: [array, 'null'], items: {type: string}}
            email_attribute_name: {type: [string, 'null'], maxLength: 255}
            attributes: {type: [array, 'null'], items: {type: string}}
            header_attributes:
              type: [array, 'null']
              items:
                type: object
                properties:
                  attribute_name: {type: [string, 'null']}
                  header_name: {type: [string, 'null']}
            sign_request: {type: [boolean, 'null']}
            force_authn: {type: [boolean, 'null']}
            enable_encryption: {type: [boolean, 'null']}
            max_sso_url_length: {type: [integer, 'null']}
        scim_config: {anyOf: [{$ref: '#/components/schemas/SCIMConfigBody'}, {type: 'null'}]}
    IdPOAuth:
      type: object
      required: [name, type, config]
      properties:
        name: {$ref: '#/components/schemas/Name'}
        type: {type: string, enum: [github, facebook, linkedin, yandex]}
        config:
          type: object
          required: [client_id, client_secret]
          properties:
            client_id:
              type: string
              minLength: 1
              maxLength: 1024
              pattern: ^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*$
            client_secret: {type: string, minLength: 1, maxLength: 4096}
        scim_config: {anyOf: [{$ref: '#/components/schemas/SCIMConfigBody'}, {type: 'null'}]}
      description: Stored and returned; login is not supported.
    IdentityProviderBody:
      oneOf:
        - {$ref: '#/components/schemas/IdPOneTimePIN'}
        - {$ref: '#/components/schemas/IdPCloudflare'}
        - {$ref: '#/components/schemas/IdPOIDC'}
        - {$ref: '#/components/schemas/IdPAzureAD'}
        - {$ref: '#/components/schemas/IdPOkta'}
        - {$ref: '#/components/schemas/IdPGoogleApps'}
        - {$ref: '#/components/schemas/IdPGoogle'}
        - {$ref: '#/components/schemas/IdPOnelogin'}
        - {$ref: '#/components/schemas/IdPPingone'}
        - {$ref: '#/components/schemas/IdPCentrify'}
        - {$ref: '#/components/schemas/IdPSAML'}
        - {$ref: '#/components/schemas/IdPOAuth'}
    IdentityProvider:
      type: object
      required: [id, name, type, config, read_only]
      properties:
        id: {$ref: '#/components/schemas/UUID'}
        name: {type: string}
        type:
          type: string
          enum:
            - onetimepin
            - cloudflare
            - oidc
            - azureAD
            - okta
            - google-apps
            - google
            - onelogin
            - pingone
            - centrify
            - saml
            - github
            - facebook
            - linkedin
            - yandex
        config:
          type: object
          description: As sent, the client secret masked; `redirect_url` where the team domain is known. A connection shows only `redirect_url`.
        scim_config:
          type: [object, 'null']
          required: [enabled]
          properties:
            enabled: {type: boolean}
            user_deprovision: {type: boolean}
            seat_deprovision: {type: boolean}
            identity_update_behavior: {type: string}
            scim_base_url: {type: string}
            secret: {type: string, description: Only in the answer that enabled SCIM.}
        read_only: {type: boolean, description: '`true` for a connection of the bridge.'}
        source_account_id: {$ref: '#/components/schemas/Hex'}
        source_idp_id: {$ref: '#/components/schemas/UUID'}
        grant_id: {$ref: '#/components/schemas/UUID'}
        primary: {type: boolean}
        enforced_off: {type: boolean}
        created_at: {$ref: '#/components/schemas/Instant'}
        updated_at: {$ref: '#/components/schemas/Instant'}
    IdPTest:
      type: object
      description: What discovery and the key set answered.
      properties:
        success: {type: boolean}
        issuer: {type: [string, 'null']}
        keys: {}
        endpoints: {}
        problems: {type: array, items: {}}
    SCIMUser:
      type: object
      required: [id]
      properties:
        id: {type: string}
        active: {type: boolean}
        displayName: {type: string}
        emails: {type: array, items: {type: object}}
        externalId: {type: string}
        meta:
          type: object
          required: [created, lastModified]
          properties:
            created: {$ref: '#/components/schemas/Instant'}
            lastModified: {$ref: '#/components/schemas/Instant'}
        schemas: {type: array, items: {type: string}}
        userName: {type: string}
    SCIMGroup:
      type: object
      required: [id]
      properties:
        id: {type: string}
        displayName: {type: string}
        externalId: {type: string}
        meta:
          type: object
          required: [created, lastModified]
          properties:
            created: {$ref: '#/components/schemas/Instant'}
            lastModified: {$ref: '#/components/schemas/Instant'}
        schemas: {type: array, items: {type: string}}
    AccessRequest:
      type: object
      description: A row of the log of logins; only the members that `fields` names.
      properties:
        action: {type: string, enum: [login, logout, oauth_authorize, oauth_refresh, service_auth, bridge]}
        allowed: {type: boolean}
        app_uid: {type: [string, 'null']}
        app_domain: {type: string}
        app_type: {type: string}
        connection: {type: string, description: Type of the identity provider or empty.}
        country: {type: string}
        created_at: {$ref: '#/components/schemas/Instant'}
        ip_address: {type: string}
        ray_id: {type: string}
        user_email: {type: string}
        user_id: {type: [string, 'null']}
        idp_id: {type: [string, 'null'], description: The identity provider or connection.}
        policy_id: {type: [string, 'null'], description: The policy that decided.}
        reason: {type: string, description: Why it was refused.}
        oauth_client_id: {type: string, description: The OAuth client or service token that acted.}
        oauth_client_name: {type: string}
    AccessSession:
      type: object
      required: [name, expiration, metadata]
      properties:
        name: {type: string}
        expiration: {type: integer, description: Seconds since 1970.}
        metadata:
          type: object
          required: [apps, expires, iat, nonce, ttl]
          properties:
            apps:
              type: object
              description: The applications it has opened by their id.
              additionalProperties:
                type: object
                required: [hostname, name, type, uid]
                properties:
                  hostname: {type: string}
                  name: {type: string}
                  type: {type: string}
                  uid: {$ref: '#/components/schemas/UUID'}
            expires: {type: integer}
            iat: {type: integer}
            nonce: {type: string}
            ttl: {type: integer, description: Seconds.}
    AccessIdentity:
      type: object
      description: The form of get-identity.
      required: [id, name, email, idp, groups, geo, user_uuid, account_id, iat, ip, amr, version]
      properties:
        id: {$ref: '#/components/schemas/UUID'}
        name: {type: string}
        email: {type: string}
        idp:
          type: object
          required: [id, type]
          properties:
            id: {$ref: '#/components/schemas/UUID'}
            type: {type: string}
            source_account_id: {$ref: '#/components/schemas/Hex'}
            source_idp_id: {$ref: '#/components/schemas/UUID'}
        groups: {type: array, items: {type: string}}
        geo: {type: object, required: [country], properties: {country: {type: string}}}
        user_uuid: {$ref: '#/components/schemas/UUID'}
        account_id: {$ref: '#/components/schemas/Hex'}
        iat: {type: integer}
        ip: {type: string}
        auth_status: {type: string}
        common_name: {type: string}
        service_token_id: {type: string}
        service_token_status: {type: boolean}
        is_warp: {type: boolean}
        is_gateway: {type: boolean}
        device_id: {type: string}
        device_sessions: {type: object}
        devicePosture: {type: object}
        mtls_auth: {type: object}
        oidc_fields: {type: object}
        custom: {type: object}
        amr: {type: array, items: {type: string}}
        version: {type: integer}
        isActive: {type: boolean, description: Whether the session is still good.}
    FederationGrantBody:
      type: object
      required: [idp_id]
      properties: {idp_id: {$ref: '#/components/schemas/UUID'}}
    FederationGrant:
      type: object
      required: [id, idp_id]
      properties: {id: {$ref: '#/components/schemas/UUID'}, idp_id: {$ref: '#/components/schemas/UUID'}}
    ShareResourceBody:
      type: object
      required: [meta, resource_account_id, resource_id, resource_type]
      properties:
        meta: {type: object}
        resource_account_id: {$ref: '#/components/schemas/Hex'}
        resource_id: {$ref: '#/components/schemas/UUID'}
        resource_type:
          type: string
          enum:
            - custom-ruleset
            - gateway-policy
            - gateway-destination-ip
            - gateway-block-page-settings
            - gateway-extended-email-matching
            - idp-federation-grant
            - trust-grant
          description: Only `idp-federation-grant` is accepted on write; the others answer 21200.
    ShareRecipientBody:
      type: object
      properties:
        recipient_account_id: {anyOf: [{$ref: '#/components/schemas/Hex'}, {type: 'null'}]}
        account_id: {anyOf: [{$ref: '#/components/schemas/Hex'}, {type: 'null'}], deprecated: true}
        organization_id: {anyOf: [{$ref: '#/components/schemas/Hex'}, {type: 'null'}]}
      description: One account or one organization; neither means the organization of the source account.
    ShareBody:
      type: object
      required: [name, resources, recipients]
      properties:
        name: {$ref: '#/components/schemas/Name'}
        resources:
          type: array
          minItems: 1
          maxItems: 100
          items: {$ref: '#/components/schemas/ShareResourceBody'}
        recipients:
          type: array
          minItems: 1
          maxItems: 1000
          items: {$ref: '#/components/schemas/ShareRecipientBody'}
    ShareUpdate:
      type: object
      required: [name]
      properties: {name: {$ref: '#/components/schemas/Name'}}
    ShareResourceUpdate:
      type: object
      required: [meta]
      properties: {meta: {type: object}}
    ShareResource:
      type: object
      required:
        - id
        - resource_id
        - resource_type
        - resource_account_id
        - resource_version
        - meta
        - status
        - created
        - modified
      properties:
        id: {$ref: '#/components/schemas/Hex'}
        resource_id: {type: string}
        resource_type: {type: string}
        resource_account_id: {$ref: '#/components/schemas/Hex'}
        resource_version: {type: integer, minimum: 0}
        meta: {type: object}
        status: {type: string, enum: [active, deleting, deleted]}
        created: {$ref: '#/components/schemas/Instant'}
        modified: {$ref: '#/components/schemas/Instant'}
    Share:
      type: object
      required:
        - id
        - name
        - account_id
        - account_name
        - organization_id
        - status
        - target_type
        - kind
        - created
        - modified
      properties:
        id: {$ref: '#/components/schemas/Hex'}
        name: {type: string}
        account_id: {$ref: '#/components/schemas/Hex'}
        account_name: {type: string}
        organization_id: {type: [string, 'null']}
        status: {type: string, enum: [active, deleting, deleted]}
        target_type: {type: string, enum: [account, organization]}
        kind: {type: string, enum: [sent, received]}
        created: {$ref: '#/components/schemas/Instant'}
        modified: {$ref: '#/components/schemas/Instant'}
        resources: {type: array, items: {$ref: '#/components/schemas/ShareResource'}}
        associating_recipient_count: {type: integer, minimum: 0}
        associated_recipient_count: {type: integer, minimum: 0}
        disassociating_recipient_count: {type: integer, minimum: 0}
        disassociated_recipient_count: {type: integer, minimum: 0}
    ShareRecipient:
      type: object
      required: [id, account_id, association_status, created, modified]
      properties:
        id: {$ref: '#/components/schemas/Hex'}
        account_id: {$ref: '#/components/schemas/Hex'}
        association_status: {type: string, enum: [associating, associated, disassociating, disassociated]}
        created: {$ref: '#/components/schemas/Instant'}
        modified: {$ref: '#/components/schemas/Instant'}
        resources:
          type: array
          items:
            type: object
            required: [resource_id, resource_version, error, terminal]
            properties:
              resource_id: {type: string}
              resource_version: {type: integer}
              error: {type: string}
              terminal: {type: boolean}
    Rule:
      type: object
      description: Exactly one selector.
      minProperties: 1
      maxProperties: 1
      additionalProperties: false
      properties:
        email:
          type: object
          required: [email]
          properties: {email: {$ref: '#/components/schemas/Email'}}
        email_domain:
          type: object
          required: [domain]
          properties: {domain: {type: string, minLength: 1, maxLength: 254}}
        email_list:
          type: object
          required: [id]
          properties: {id: {$ref: '#/components/schemas/UUID'}}
        everyone: {type: object, properties: {}}
        group:
          type: object
          required: [id]
          properties: {id: {$ref: '#/components/schemas/UUID'}}
        ip:
          type: object
          required: [ip]
          properties: {ip: {$ref: '#/components/schemas/CIDR'}}
        ip_list:
          type: object
          required: [id]
          properties: {id: {$ref: '#/components/schemas/UUID'}}
        geo:
          type: object
          required: [country_code]
          properties: {country_code: {type: string, pattern: '^([A-Z]{2}|T1)$'}}
        login_method:
          type: object
          required: [id]
          properties: {id: {$ref: '#/components/schemas/UUID'}}
        auth_method:
          type: object
          required: [auth_method]
          properties:
            auth_method:
              type: string
              minLength: 1
              maxLength: 1024
              pattern: ^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*$
        auth_context:
          type: object
          required: [id, ac_id, identity_provider_id]
          properties:
            id:
              type: string
              minLength: 1
              maxLength: 1024
              pattern: ^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*$
            ac_id:
              type: string
              minLength: 1
              maxLength: 1024
              pattern: ^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*$
            identity_provider_id: {$ref: '#/components/schemas/UUID'}
        azureAD:
          type: object
          required: [id, identity_provider_id]
          properties:
            id:
              type: string
              minLength: 1
              maxLength: 1024
              pattern: ^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*$
            identity_provider_id: {$ref: '#/components/schemas/UUID'}
        okta:
          type: object
          required: [name, identity_provider_id]
          properties:
            name:
              type: string
              minLength: 1
              maxLength: 1024
              pattern: ^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*$
            identity_provider_id: {$ref: '#/components/schemas/UUID'}
        gsuite:
          type: object
          required: [email, identity_provider_id]
          properties:
            email: {$ref: '#/components/schemas/Email'}
            identity_provider_id: {$ref: '#/components/schemas/UUID'}
        github-organization:
          type: object
          required: [name, identity_provider_id]
          properties:
            name:
              type: string
              minLength: 1
              maxLength: 1024
              pattern: ^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*$
            team:
              type: [string, 'null']
              minLength: 1
              maxLength: 1024
              pattern: ^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*$
            identity_provider_id: {$ref: '#/components/schemas/UUID'}
        saml:
          type: object
          required: [attribute_name, attribute_value, identity_provider_id]
          properties:
            attribute_name:
              type: string
              minLength: 1
              maxLength: 1024
              pattern: ^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*$
            attribute_value:
              type: string
              minLength: 1
              maxLength: 1024
              pattern: ^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*$
            identity_provider_id: {$ref: '#/components/schemas/UUID'}
        oidc:
          type: object
          required: [claim_name, claim_value, identity_provider_id]
          properties:
            claim_name:
              type: string
              minLength: 1
              maxLength: 1024
              pattern: ^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*$
            claim_value:
              type: string
              minLength: 1
              maxLength: 1024
              pattern: ^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*$
            identity_provider_id: {$ref: '#/components/schemas/UUID'}
        service_token:
          type: object
          required: [token_id]
          properties: {token_id: {$ref: '#/components/schemas/UUID'}}
        any_valid_service_token: {type: object, properties: {}}
        linked_app_token:
          type: object
          required: [app_uid]
          properties: {app_uid: {$ref: '#/components/schemas/UUID'}}
        common_name:
          type: object
          required: [common_name]
          properties:
            common_name:
              type: string
              minLength: 1
              maxLength: 1024
              pattern: ^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*$
        certificate: {type: object, properties: {}}
        device_posture:
          type: object
          required: [integration_uid]
          properties:
            integration_uid:
              type: string
              minLength: 1
              maxLength: 1024
              pattern: ^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*$
            account_id:
              type: [string, 'null']
              minLength: 1
              maxLength: 1024
              pattern: ^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*$
        user_risk_score:
          type: object
          required: [user_risk_score]
          properties:
            user_risk_score:
              type: array
              minItems: 1
              maxItems: 4
              items: {type: string, enum: [low, medium, high, unscored]}
        external_evaluation:
          type: object
          required: [evaluate_url, keys_url]
          properties:
            evaluate_url: {$ref: '#/components/schemas/URL'}
            keys_url: {$ref: '#/components/schemas/URL'}
        cloudflare_account_member:
          type: object
          required: [account_id]
          properties: {account_id: {$ref: '#/components/schemas/Hex'}}
      examples: [{email_domain: {domain: example.com}}]
    PolicyTestBody:
      type: object
      required: [policies]
      properties:
        policies:
          type: array
          minItems: 1
          maxItems: 100
          description: In the order in which they are judged.
          items:
            anyOf:
              - {$ref: '#/components/schemas/UUID'}
              - {$ref: '#/components/schemas/PolicyBody'}
    PolicyTestStarted:
      type: object
      required: [id, status]
      properties:
        id: {$ref: '#/components/schemas/UUID'}
        status: {type: string, enum: [success]}
    PolicyTest:
      type: object
      required: [id, status, total_users]
      properties:
        id: {$ref: '#/components/schemas/UUID'}
        status:
          type: string
          enum: [processing, complete, blocked, exceeded time]
          description: A test that is not complete after five minutes never will be.
        total_users: {type: integer, description: When the test began.}
        users_approved: {type: integer}
        users_blocked: {type: integer}
        users_errored: {type: integer, description: 'Users who never logged in, so that there is nothing to judge.'}
        percent_approved: {type: integer, description: Of those who are judged.}
        percent_blocked: {type: integer}
        percent_errored: {type: integer}
        percent_users_processed: {type: integer}
    PolicyTestUser:
      type: object
      required: [id, email, name, status]
      properties:
        id: {$ref: '#/components/schemas/UUID'}
        email: {type: string}
        name: {type: string}
        status: {type: string, enum: [approved, blocked, error]}
    UserPolicyCheck:
      type: object
      required: [app_state, user_identity, explanation]
      properties:
        app_state:
          type: object
          properties:
            app_uid: {$ref: '#/components/schemas/UUID'}
            aud: {type: string}
            hostname: {type: string}
            name: {type: string}
            status: {type: string, enum: [Success, Denied]}
            policies:
              type: array
              description: In the order in which they are judged; `status` is true for the one that decides.
              items:
                type: object
                properties:
                  id: {$ref: '#/components/schemas/UUID'}
                  name: {type: string}
                  decision: {type: string, enum: [allow, deny, non_identity, bypass]}
                  status: {type: boolean}
        user_identity: {type: object, description: Who was judged; without an `email`, a visitor without an identity.}
        explanation: {$ref: '#/components/schemas/PolicyExplanation'}
    PolicyExplanation:
      type: object
      required: [decision, policy_id, policies]
      properties:
        decision: {type: string, enum: [bypass, non_identity, allow, deny, unmatched]}
        policy_id: {anyOf: [{$ref: '#/components/schemas/UUID'}, {type: 'null'}]}
        policies:
          type: array
          items:
            type: object
            required: [id, name, decision, outcome, path]
            properties:
              id: {$ref: '#/components/schemas/UUID'}
              name: {type: string}
              decision: {type: string, enum: [allow, deny, non_identity, bypass]}
              outcome: {type: string, enum: [decides, matches_too_late, no_match, cannot_tell, needs_identity]}
              path:
                type: array
                description: The rule that settled it, then the rule of the group that it names, and so on.
                items:
                  type: object
                  required: [list, position, selector, holds]
                  properties:
                    list: {type: string, enum: [include, exclude, require]}
                    position: {type: integer}
                    selector: {type: string}
                    holds: {type: string, enum: ['yes', 'no', unknown]}
                    group:
                      type: object
                      properties:
                        id: {$ref: '#/components/schemas/UUID'}
                        name: {type: string}
    PolicyBody:
      type: object
      required: [name, decision, include]
      properties:
        name: {$ref: '#/components/schemas/Name'}
        decision: {type: string, enum: [allow, deny, non_identity, bypass]}
        include:
          type: array
          minItems: 1
          maxItems: 1000
          items: {$ref: '#/components/schemas/Rule'}
          description: Any of these.
        exclude:
          type: [array, 'null']
          maxItems: 1000
          items: {$ref: '#/components/schemas/Rule'}
          description: None of these.
        require:
          type: [array, 'null']
          maxItems: 1000
          items: {$ref: '#/components/schemas/Rule'}
          description: All of these.
        session_duration:
          anyOf: [{$ref: '#/components/schemas/Duration'}, {type: 'null'}]
          description: Overrides that of the application; `null` keeps it.
        approval_required: {type: [boolean, 'null'], default: false}
        approval_groups:
          type: [array, 'null']
          maxItems: 100
          items:
            type: object
            required: [approvals_needed]
            properties:
              approvals_needed: {type: integer, minimum: 1}
              email_addresses:
                type: [array, 'null']
                maxItems: 1000
                items: {$ref: '#/components/schemas/Email'}
              email_list_uuid: {anyOf: [{$ref: '#/components/schemas/UUID'}, {type: 'null'}]}
        purpose_justification_required: {type: [boolean, 'null'], default: false}
        purpose_justification_prompt:
          type: [string, 'null']
          maxLength: 1024
          pattern: ^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*$
        isolation_required: {type: [boolean, 'null'], default: false}
        mfa_config: {anyOf: [{$ref: '#/components/schemas/MFAConfig'}, {type: 'null'}]}
        connection_rules: {type: [object, 'null']}
    ApplicationPolicyBody:
      type: object
      required: [name, decision, include]
      properties:
        name: {$ref: '#/components/schemas/Name'}
        decision: {type: string, enum: [allow, deny, non_identity, bypass]}
        include:
          type: array
          minItems: 1
          maxItems: 1000
          items: {$ref: '#/components/schemas/Rule'}
          description: Any of these.
        exclude:
          type: [array, 'null']
          maxItems: 1000
          items: {$ref: '#/components/schemas/Rule'}
          description: None of these.
        require:
          type: [array, 'null']
          maxItems: 1000
          items: {$ref: '#/components/schemas/Rule'}
          description: All of these.
        session_duration:
          anyOf: [{$ref: '#/components/schemas/Duration'}, {type: 'null'}]
          description: Overrides that of the application; `null` keeps it.
        approval_required: {type: [boolean, 'null'], default: false}
        approval_groups:
          type: [array, 'null']
          maxItems: 100
          items:
            type: object
            required: [approvals_needed]
            properties:
              approvals_needed: {type: integer, minimum: 1}
              email_addresses:
                type: [array, 'null']
                maxItems: 1000
                items: {$ref: '#/components/schemas/Email'}
              email_list_uuid: {anyOf: [{$ref: '#/components/schemas/UUID'}, {type: 'null'}]}
        purpose_justification_required: {type: [boolean, 'null'], default: false}
        purpose_justification_prompt:
          type: [string, 'null']
          maxLength: 1024
          pattern: ^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*$
        isolation_required: {type: [boolean, 'null'], default: false}
        mfa_config: {anyOf: [{$ref: '#/components/schemas/MFAConfig'}, {type: 'null'}]}
        connection_rules: {type: [object, 'null']}
        precedence:
          type: [integer, 'null']
          minimum: 1
          maximum: 1000000
          description: Unique in the application; the last place when absent.
    Policy:
      type: object
      required: [id, name, decision, include, exclude, require, created_at, updated_at]
      properties:

"""##,
##"""
        id: {$ref: '#/components/schemas/UUID'}
        name: {type: string}
        decision: {type: string, enum: [allow, deny, non_identity, bypass]}
        include: {type: array, items: {$ref: '#/components/schemas/Rule'}}
        exclude: {type: array, items: {$ref: '#/components/schemas/Rule'}}
        require: {type: array, items: {$ref: '#/components/schemas/Rule'}}
        session_duration: {}
        approval_required: {}
        approval_groups: {}
        purpose_justification_required: {}
        purpose_justification_prompt: {}
        isolation_required: {}
        mfa_config: {}
        connection_rules: {}
        precedence: {type: [integer, 'null']}
        reusable: {type: boolean}
        app_count: {type: integer, minimum: 0}
        account_id: {$ref: '#/components/schemas/Hex'}
        uid: {$ref: '#/components/schemas/UUID'}
        created_at: {$ref: '#/components/schemas/Instant'}
        updated_at: {$ref: '#/components/schemas/Instant'}
    GroupBody:
      type: object
      required: [name, include]
      properties:
        name: {$ref: '#/components/schemas/Name'}
        include: {type: array, minItems: 1, maxItems: 1000, items: {$ref: '#/components/schemas/Rule'}}
        exclude: {type: [array, 'null'], maxItems: 1000, items: {$ref: '#/components/schemas/Rule'}}
        require: {type: [array, 'null'], maxItems: 1000, items: {$ref: '#/components/schemas/Rule'}}
        is_default:
          type: [boolean, 'null']
          default: false
          description: Never returned under this name; GET shows `default`.
    Group:
      type: object
      required: [id, uid, name, include, exclude, require, created_at, updated_at]
      properties:
        id: {$ref: '#/components/schemas/UUID'}
        uid: {$ref: '#/components/schemas/UUID'}
        name: {type: string}
        include: {type: array, items: {$ref: '#/components/schemas/Rule'}}
        exclude: {type: array, items: {$ref: '#/components/schemas/Rule'}}
        require: {type: array, items: {$ref: '#/components/schemas/Rule'}}
        default: {type: boolean}
        created_at: {$ref: '#/components/schemas/Instant'}
        updated_at: {$ref: '#/components/schemas/Instant'}
    Destination:
      oneOf:
        - type: object
          required: [uri]
          properties:
            type: {type: [string, 'null'], enum: [public, null], default: public}
            uri: {type: string, minLength: 1, maxLength: 2048}
            overrides:
              type: [array, 'null']
              maxItems: 100
              items:
                type: object
                required: [path_pattern, behavior]
                properties:
                  path_pattern: {type: string, minLength: 1, maxLength: 2048}
                  behavior: {type: string, enum: [public]}
        - type: object
          required: [type]
          properties:
            type: {type: string, const: private}
            cidr: {anyOf: [{$ref: '#/components/schemas/CIDR'}, {type: 'null'}]}
            hostname: {type: [string, 'null'], minLength: 1, maxLength: 253}
            port_range: {type: [string, 'null'], pattern: '^[0-9]{1,5}(-[0-9]{1,5})?$'}
            l4_protocol: {type: [string, 'null'], enum: [tcp, udp, null]}
            vnet_id: {type: [string, 'null'], minLength: 1, maxLength: 255}
        - type: object
          required: [type, mcp_server_id]
          properties:
            type: {type: string, const: via_mcp_server_portal}
            mcp_server_id: {type: string, minLength: 1, maxLength: 255}
    CORSHeaders:
      type: object
      properties:
        allow_all_origins: {type: [boolean, 'null'], default: false}
        allow_all_methods: {type: [boolean, 'null'], default: false}
        allow_all_headers: {type: [boolean, 'null'], default: false}
        allowed_origins:
          type: [array, 'null']
          maxItems: 100
          items: {type: string, minLength: 1, maxLength: 2048}
        allowed_methods:
          type: [array, 'null']
          items:
            type: string
            enum: [GET, POST, HEAD, PUT, DELETE, CONNECT, OPTIONS, TRACE, PATCH]
        allowed_headers:
          type: [array, 'null']
          maxItems: 100
          items: {type: string, minLength: 1, maxLength: 255}
        allow_credentials: {type: [boolean, 'null'], default: false, description: Not with `allow_all_origins`.}
        max_age: {type: [integer, 'null'], minimum: -1, maximum: 86400}
    OAuthConfiguration:
      type: object
      properties:
        enabled: {type: [boolean, 'null'], default: true}
        dynamic_client_registration:
          type: [object, 'null']
          properties:
            enabled: {type: [boolean, 'null'], default: true}
            allow_any_on_localhost: {type: [boolean, 'null'], default: true}
            allow_any_on_loopback: {type: [boolean, 'null'], default: true}
            allowed_uris:
              type: [array, 'null']
              maxItems: 100
              items: {type: string, minLength: 1, maxLength: 2048}
        grant:
          type: [object, 'null']
          properties:
            access_token_lifetime: {anyOf: [{$ref: '#/components/schemas/Duration'}, {type: 'null'}], default: 15m}
            session_duration: {anyOf: [{$ref: '#/components/schemas/Duration'}, {type: 'null'}]}
    SaaSApplication:
      type: object
      properties:
        auth_type: {type: [string, 'null'], enum: [oidc, saml, null], default: oidc}
        redirect_uris:
          type: [array, 'null']
          minItems: 1
          maxItems: 100
          items: {type: string, minLength: 1, maxLength: 2048}
          description: Required with `oidc`.
        grant_types:
          type: [array, 'null']
          items:
            type: string
            enum:
              - authorization_code
              - authorization_code_with_pkce
              - refresh_tokens
              - hybrid
              - implicit
          default: [authorization_code_with_pkce]
        scopes:
          type: [array, 'null']
          items: {type: string, enum: [openid, email, profile, groups]}
          default: [openid, email, profile, groups]
        access_token_lifetime:
          anyOf: [{$ref: '#/components/schemas/Duration'}, {type: 'null'}]
          default: 5m
          description: 1m to 24h.
        refresh_token_options:
          type: [object, 'null']
          properties:
            lifetime: {type: [string, 'null'], pattern: '^([0-9]+(\.[0-9]+)?[mhd])+$', default: 1d}
        allow_pkce_without_client_secret: {type: [boolean, 'null'], default: false}
        custom_claims:
          type: [array, 'null']
          maxItems: 100
          items:
            type: object
            required: [name, source]
            properties:
              name:
                type: string
                minLength: 1
                maxLength: 255
                pattern: ^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*$
              required: {type: [boolean, 'null'], default: false}
              scope: {type: [string, 'null'], enum: [groups, profile, email, openid, null]}
              source:
                type: object
                required: [name]
                properties:
                  name:
                    type: string
                    minLength: 1
                    maxLength: 255
                    pattern: ^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*$
                  name_by_idp: {type: [object, 'null'], additionalProperties: {type: string}}
        group_filter_regex: {type: [string, 'null'], maxLength: 512}
        hybrid_and_implicit_options:
          type: [object, 'null']
          properties:
            return_id_token_from_authorization_endpoint: {type: [boolean, 'null']}
            return_access_token_from_authorization_endpoint: {type: [boolean, 'null']}
        app_launcher_url: {type: [string, 'null'], maxLength: 2048}
        sp_entity_id: {type: [string, 'null'], maxLength: 2048}
        consumer_service_url: {type: [string, 'null'], maxLength: 2048}
        name_id_format: {type: [string, 'null'], enum: [id, email, null]}
      description: OpenID Connect or SAML settings; `saml` is stored and cannot log in.
    PolicyReference:
      oneOf:
        - {$ref: '#/components/schemas/UUID'}
        - type: object
          required: [id]
          properties:
            id: {$ref: '#/components/schemas/UUID'}
            precedence: {type: [integer, 'null'], minimum: 1, maximum: 1000000}
        - type: object
          required: [name, decision, include]
          properties:
            name: {$ref: '#/components/schemas/Name'}
            decision: {type: string, enum: [allow, deny, non_identity, bypass]}
            include:
              type: array
              minItems: 1
              maxItems: 1000
              items: {$ref: '#/components/schemas/Rule'}
              description: Any of these.
            exclude:
              type: [array, 'null']
              maxItems: 1000
              items: {$ref: '#/components/schemas/Rule'}
              description: None of these.
            require:
              type: [array, 'null']
              maxItems: 1000
              items: {$ref: '#/components/schemas/Rule'}
              description: All of these.
            session_duration:
              anyOf: [{$ref: '#/components/schemas/Duration'}, {type: 'null'}]
              description: Overrides that of the application; `null` keeps it.
            approval_required: {type: [boolean, 'null'], default: false}
            approval_groups:
              type: [array, 'null']
              maxItems: 100
              items:
                type: object
                required: [approvals_needed]
                properties:
                  approvals_needed: {type: integer, minimum: 1}
                  email_addresses:
                    type: [array, 'null']
                    maxItems: 1000
                    items: {$ref: '#/components/schemas/Email'}
                  email_list_uuid: {anyOf: [{$ref: '#/components/schemas/UUID'}, {type: 'null'}]}
            purpose_justification_required: {type: [boolean, 'null'], default: false}
            purpose_justification_prompt:
              type: [string, 'null']
              maxLength: 1024
              pattern: ^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*$
            isolation_required: {type: [boolean, 'null'], default: false}
            mfa_config: {anyOf: [{$ref: '#/components/schemas/MFAConfig'}, {type: 'null'}]}
            connection_rules: {type: [object, 'null']}
            precedence: {type: [integer, 'null'], minimum: 1, maximum: 1000000}
      description: The id of a reusable policy, a link with its precedence, or an inline policy. Reusable and inline ones cannot mix.
    ApplicationBody:
      type: object
      required: [type]
      properties:
        type:
          type: string
          enum: [self_hosted, saas, bookmark, app_launcher, mcp, mcp_portal]
        name:
          anyOf: [{$ref: '#/components/schemas/Name'}, {type: 'null'}]
          description: The domain when absent.
        domain:
          type: [string, 'null']
          minLength: 1
          maxLength: 2048
          description: '`host[/path]`, `*` wildcards. The first public destination when absent.'
        destinations:
          type: [array, 'null']
          maxItems: 100
          items: {$ref: '#/components/schemas/Destination'}
        self_hosted_domains:
          type: [array, 'null']
          maxItems: 100
          items: {type: string, minLength: 1, maxLength: 2048}
          deprecated: true
        allowed_idps:
          type: [array, 'null']
          maxItems: 100
          items: {$ref: '#/components/schemas/UUID'}
          description: 'Empty: every enabled identity provider.'
        auto_redirect_to_identity:
          type: [boolean, 'null']
          default: false
          description: '`true` needs exactly one of `allowed_idps`.'
        session_duration: {anyOf: [{$ref: '#/components/schemas/Duration'}, {type: 'null'}], default: 24h}
        policies:
          type: [array, 'null']
          maxItems: 500
          items: {$ref: '#/components/schemas/PolicyReference'}
        tags:
          type: [array, 'null']
          maxItems: 25
          items: {type: string, minLength: 1, maxLength: 255}
        app_launcher_visible: {type: [boolean, 'null'], default: true}
        logo_url: {anyOf: [{$ref: '#/components/schemas/URL'}, {type: 'null'}]}
        custom_deny_message:
          type: [string, 'null']
          maxLength: 1024
          pattern: ^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*$
        custom_deny_url: {anyOf: [{$ref: '#/components/schemas/URL'}, {type: 'null'}]}
        custom_non_identity_deny_url: {anyOf: [{$ref: '#/components/schemas/URL'}, {type: 'null'}]}
        custom_pages: {type: [array, 'null'], maxItems: 100, items: {$ref: '#/components/schemas/UUID'}}
        http_only_cookie_attribute: {type: [boolean, 'null'], default: true}
        same_site_cookie_attribute: {type: [string, 'null'], enum: [none, lax, strict, null], default: lax}
        path_cookie_attribute: {type: [boolean, 'null'], default: false}
        enable_binding_cookie: {type: [boolean, 'null'], default: false}
        eager_redirect_cookie_setting: {type: [boolean, 'null'], default: true}
        cors_headers: {anyOf: [{$ref: '#/components/schemas/CORSHeaders'}, {type: 'null'}]}
        options_preflight_bypass: {type: [boolean, 'null'], default: false, description: Not with `cors_headers`.}
        service_auth_401_redirect: {type: [boolean, 'null'], default: false}
        read_service_tokens_from_header: {type: [string, 'null'], minLength: 1, maxLength: 255}
        skip_interstitial: {type: [boolean, 'null'], default: false}
        allow_iframe: {type: [boolean, 'null'], default: false}
        allow_authenticate_via_warp: {type: [boolean, 'null'], default: false}
        use_clientless_isolation_app_launcher_url: {type: [boolean, 'null'], default: false}
        mfa_config: {anyOf: [{$ref: '#/components/schemas/MFAConfig'}, {type: 'null'}]}
        scim_config: {type: [object, 'null']}
        oauth_configuration: {anyOf: [{$ref: '#/components/schemas/OAuthConfiguration'}, {type: 'null'}]}
        saas_app: {anyOf: [{$ref: '#/components/schemas/SaaSApplication'}, {type: 'null'}]}
        bg_color: {anyOf: [{$ref: '#/components/schemas/Color'}, {type: 'null'}]}
        header_bg_color: {anyOf: [{$ref: '#/components/schemas/Color'}, {type: 'null'}]}
        app_launcher_logo_url: {anyOf: [{$ref: '#/components/schemas/URL'}, {type: 'null'}]}
        footer_links:
          type: [array, 'null']
          maxItems: 100
          items:
            type: object
            required: [name, url]
            properties:
              name:
                type: string
                minLength: 1
                maxLength: 255
                pattern: ^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*$
              url: {$ref: '#/components/schemas/URL'}
        landing_page_design:
          type: [object, 'null']
          properties:
            title:
              type: [string, 'null']
              maxLength: 255
              pattern: ^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*$
            message:
              type: [string, 'null']
              maxLength: 1024
              pattern: ^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*$
            image_url: {anyOf: [{$ref: '#/components/schemas/URL'}, {type: 'null'}]}
            button_color: {anyOf: [{$ref: '#/components/schemas/Color'}, {type: 'null'}]}
            button_text_color: {anyOf: [{$ref: '#/components/schemas/Color'}, {type: 'null'}]}
        skip_app_launcher_login_page: {type: [boolean, 'null'], default: false}
    Application:
      type: object
      required: [id, uid, aud, type, name, created_at, updated_at]
      properties:
        id: {$ref: '#/components/schemas/UUID'}
        uid: {$ref: '#/components/schemas/UUID'}
        aud: {type: string, pattern: '^[0-9a-f]{64}$'}
        type:
          type: string
          enum: [self_hosted, saas, bookmark, app_launcher, mcp, mcp_portal]
        name: {type: string}
        policies: {type: array, items: {$ref: '#/components/schemas/Policy'}}
        domain: {type: [string, 'null'], minLength: 1, maxLength: 2048}
        destinations: {}
        self_hosted_domains:
          type: [array, 'null']
          maxItems: 100
          items: {type: string, minLength: 1, maxLength: 2048}
        allowed_idps: {type: [array, 'null'], maxItems: 100, items: {$ref: '#/components/schemas/UUID'}}
        auto_redirect_to_identity: {type: [boolean, 'null']}
        session_duration: {anyOf: [{$ref: '#/components/schemas/Duration'}, {type: 'null'}]}
        tags:
          type: [array, 'null']
          maxItems: 25
          items: {type: string, minLength: 1, maxLength: 255}
        app_launcher_visible: {type: [boolean, 'null']}
        logo_url: {anyOf: [{$ref: '#/components/schemas/URL'}, {type: 'null'}]}
        custom_deny_message:
          type: [string, 'null']
          maxLength: 1024
          pattern: ^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*$
        custom_deny_url: {anyOf: [{$ref: '#/components/schemas/URL'}, {type: 'null'}]}
        custom_non_identity_deny_url: {anyOf: [{$ref: '#/components/schemas/URL'}, {type: 'null'}]}
        custom_pages: {type: [array, 'null'], maxItems: 100, items: {$ref: '#/components/schemas/UUID'}}
        http_only_cookie_attribute: {type: [boolean, 'null']}
        same_site_cookie_attribute: {type: [string, 'null'], enum: [none, lax, strict, null]}
        path_cookie_attribute: {type: [boolean, 'null']}
        enable_binding_cookie: {type: [boolean, 'null']}
        eager_redirect_cookie_setting: {type: [boolean, 'null']}
        cors_headers: {}
        options_preflight_bypass: {type: [boolean, 'null']}
        service_auth_401_redirect: {type: [boolean, 'null']}
        read_service_tokens_from_header: {type: [string, 'null'], minLength: 1, maxLength: 255}
        skip_interstitial: {type: [boolean, 'null']}
        allow_iframe: {type: [boolean, 'null']}
        allow_authenticate_via_warp: {type: [boolean, 'null']}
        use_clientless_isolation_app_launcher_url: {type: [boolean, 'null']}
        mfa_config: {}
        scim_config: {}
        oauth_configuration: {}
        saas_app:
          type: [object, 'null']
          description: With `client_id`, and `client_secret` only in the answer that made it.
        bg_color: {anyOf: [{$ref: '#/components/schemas/Color'}, {type: 'null'}]}
        header_bg_color: {anyOf: [{$ref: '#/components/schemas/Color'}, {type: 'null'}]}
        app_launcher_logo_url: {anyOf: [{$ref: '#/components/schemas/URL'}, {type: 'null'}]}
        footer_links: {}
        landing_page_design: {}
        skip_app_launcher_login_page: {type: [boolean, 'null']}
        created_at: {$ref: '#/components/schemas/Instant'}
        updated_at: {$ref: '#/components/schemas/Instant'}
    ApplicationSettings:
      type: object
      properties:
        allow_iframe: {type: [boolean, 'null']}
        skip_interstitial: {type: [boolean, 'null']}
    ApplicationSettingsOut:
      type: object
      properties: {allow_iframe: {type: boolean}, skip_interstitial: {type: boolean}}
    ClientSecret:
      type: object
      required: [client_secret]
      properties: {client_id: {type: string}, client_secret: {type: string}}
    BookmarkBody:
      type: object
      properties:
        name: {anyOf: [{$ref: '#/components/schemas/Name'}, {type: 'null'}]}
        domain: {type: [string, 'null'], minLength: 1, maxLength: 2048}
        app_launcher_visible: {type: [boolean, 'null'], default: true}
        logo_url: {anyOf: [{$ref: '#/components/schemas/URL'}, {type: 'null'}]}
    Bookmark:
      type: object
      required: [id, name, domain, created_at, updated_at]
      properties:
        id: {$ref: '#/components/schemas/UUID'}
        name: {type: string}
        domain: {type: string}
        app_launcher_visible: {type: boolean}
        logo_url: {type: [string, 'null']}
        created_at: {$ref: '#/components/schemas/Instant'}
        updated_at: {$ref: '#/components/schemas/Instant'}
    MCPPortal:
      type: object
      required: [id, name, hostname, servers]
      properties:
        id: {type: string}
        name: {type: string}
        hostname: {type: string}
        servers: {type: array, items: {type: object}}
        description: {type: [string, 'null']}
        created_at: {$ref: '#/components/schemas/Instant'}
        modified_at: {$ref: '#/components/schemas/Instant'}
    MCPServer:
      type: object
      required: [id, name, hostname, auth_type, prompts, tools]
      properties:
        id: {type: string}
        name: {type: string}
        hostname: {type: string}
        auth_type: {type: string, enum: [oauth, bearer, unauthenticated]}
        prompts: {type: array, items: {type: object}}
        tools: {type: array, items: {type: object}}
        description: {type: [string, 'null']}
        created_at: {$ref: '#/components/schemas/Instant'}
        modified_at: {$ref: '#/components/schemas/Instant'}
    TagBody:
      type: object
      required: [name]
      properties: {name: {$ref: '#/components/schemas/Name'}}
    Tag:
      type: object
      required: [name, app_count, created_at, updated_at]
      properties:
        name: {type: string}
        app_count: {type: integer, minimum: 0}
        created_at: {$ref: '#/components/schemas/Instant'}
        updated_at: {$ref: '#/components/schemas/Instant'}
    CustomPageBody:
      type: object
      required: [name, type, custom_html]
      properties:
        name: {$ref: '#/components/schemas/Name'}
        type: {type: string, enum: [identity_denied, forbidden, login, interstitial]}
        custom_html: {type: string, maxLength: 524288, description: At most 512 KiB.}
        contract_version: {type: [integer, 'null'], minimum: 0, maximum: 1000000}
        app_count: {type: [integer, 'null'], deprecated: true}
    CustomPage:
      type: object
      required: [uid, name, type, created_at, updated_at]
      properties:
        uid: {$ref: '#/components/schemas/UUID'}
        name: {type: string}
        type: {type: string, enum: [identity_denied, forbidden, login, interstitial]}
        custom_html: {type: string, description: Only in the answer to GET by id.}
        contract_version: {type: [integer, 'null']}
        app_count: {type: integer, minimum: 0}
        created_at: {$ref: '#/components/schemas/Instant'}
        updated_at: {$ref: '#/components/schemas/Instant'}
    ServiceTokenBody:
      type: object
      required: [name]
      properties:
        name: {$ref: '#/components/schemas/Name'}
        duration:
          anyOf:
            - {anyOf: [{$ref: '#/components/schemas/Duration'}, {const: forever}]}
            - {type: 'null'}
          default: 8760h
          description: At least 1m, or `forever`.
        enabled: {type: [boolean, 'null'], default: true}
        client_secret_version:
          type: [integer, 'null']
          minimum: 1
          maximum: 1000000
          default: 1
          description: A higher one than the stored rotates the secret.
        previous_client_secret_expires_at: {anyOf: [{$ref: '#/components/schemas/Instant'}, {type: 'null'}]}
    OAuthClient:
      type: object
      required: [client_id, client_name, kind, redirect_uris, created_at, last_used_at, grants]
      properties:
        client_id: {type: string, description: 'A UUID, or the URL of the document that describes the client.'}
        client_name: {type: string, description: 'Chosen by the program, verified by nobody.'}
        kind: {type: string, enum: [dcr, metadata_document]}
        redirect_uris: {type: array, items: {type: string}}
        created_at: {$ref: '#/components/schemas/Instant'}
        last_used_at: {anyOf: [{$ref: '#/components/schemas/Instant'}, {type: 'null'}]}
        grants: {type: integer, minimum: 0, description: Live grants at this application.}
    OAuthGrant:
      type: object
      required: [id, client_id, client_name, app_id, app_name, created_at, last_refresh_at, expires_at]
      properties:
        id: {$ref: '#/components/schemas/UUID'}
        client_id: {type: string}
        client_name: {type: string}
        app_id: {$ref: '#/components/schemas/UUID'}
        app_name: {type: string}
        created_at: {$ref: '#/components/schemas/Instant'}
        last_refresh_at: {anyOf: [{$ref: '#/components/schemas/Instant'}, {type: 'null'}]}
        expires_at: {$ref: '#/components/schemas/Instant'}
    ServiceToken:
      type: object
      required:
        - id
        - name
        - client_id
        - duration
        - enabled
        - expires_at
        - created_at
        - updated_at
        - last_seen_at
      properties:
        id: {$ref: '#/components/schemas/UUID'}
        name: {type: string}
        client_id: {type: string, pattern: '^[0-9a-f]{32}\.access$'}
        client_secret:
          type: string
          pattern: ^cfast_[0-9A-Za-z]{48}$
          description: Only in the answer that created or rotated it.
        client_secret_version: {type: integer, minimum: 1}
        duration: {type: string}
        enabled: {type: boolean}
        expires_at: {anyOf: [{$ref: '#/components/schemas/Instant'}, {type: 'null'}]}
        created_at: {$ref: '#/components/schemas/Instant'}
        updated_at: {$ref: '#/components/schemas/Instant'}
        last_seen_at: {anyOf: [{$ref: '#/components/schemas/Instant'}, {type: 'null'}]}
    RotateServiceTokenBody:
      type: object
      properties:
        previous_client_secret_expires_at:
          anyOf: [{$ref: '#/components/schemas/Instant'}, {type: 'null'}]
          description: Until when the previous secret works too; now when absent.
    KeysBody:
      type: object
      required: [key_rotation_interval_days]
      properties: {key_rotation_interval_days: {type: integer, minimum: 21, maximum: 365}}
    Keys:
      type: object
      required: [key_rotation_interval_days, last_key_rotation_at, days_until_next_rotation]
      properties:
        key_rotation_interval_days: {type: integer, minimum: 21, maximum: 365}
        last_key_rotation_at: {anyOf: [{$ref: '#/components/schemas/Instant'}, {type: 'null'}]}
        days_until_next_rotation: {type: number}
    AccessUserBody:
      type: object
      required: [email]
      properties:
        email: {$ref: '#/components/schemas/Email'}
        name:
          type: [string, 'null']
          maxLength: 255
          pattern: ^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*$
    AccessUser:
      type: object
      required:
        - id
        - uid
        - seat_uid
        - email
        - name
        - access_seat
        - gateway_seat
        - active_device_count
        - last_successful_login
        - created_at
        - updated_at
      properties:
        id: {$ref: '#/components/schemas/UUID'}
        uid: {$ref: '#/components/schemas/UUID'}
        seat_uid: {anyOf: [{$ref: '#/components/schemas/UUID'}, {type: 'null'}]}
        email: {type: string}
        name: {type: [string, 'null']}
        access_seat: {type: boolean}
        gateway_seat: {type: boolean}
        active_device_count: {type: integer, minimum: 0}
        last_successful_login: {anyOf: [{$ref: '#/components/schemas/Instant'}, {type: 'null'}]}
        created_at: {$ref: '#/components/schemas/Instant'}
        updated_at: {$ref: '#/components/schemas/Instant'}
    SeatsBody:
      type: array
      minItems: 1
      maxItems: 1000
      items:
        type: object
        required: [seat_uid, access_seat, gateway_seat]
        properties:
          seat_uid: {$ref: '#/components/schemas/UUID'}
          access_seat: {type: boolean}
          gateway_seat: {type: boolean}
    Seat:
      type: object
      required: [seat_uid, access_seat, gateway_seat, created_at, updated_at]
      properties:
        seat_uid: {$ref: '#/components/schemas/UUID'}
        access_seat: {type: boolean}
        gateway_seat: {type: boolean}
        created_at: {$ref: '#/components/schemas/Instant'}
        updated_at: {$ref: '#/components/schemas/Instant'}
    AuditRow:
      type: object
      required: [id, action, actor, raw, resource]
      properties:
        id: {$ref: '#/components/schemas/UUID'}
        account:
          type: [object, 'null']
          required: [id]
          properties: {id: {$ref: '#/components/schemas/Hex'}, name: {type: [string, 'null']}}
        organization:
          type: [object, 'null']
          required: [id]
          properties: {id: {$ref: '#/components/schemas/Hex'}}
        action:
          type: object
          required: [type, result, time]
          properties:
            type: {type: string, enum: [create, update, delete, view]}
            result: {type: string, enum: [success, failure]}
            time: {$ref: '#/components/schemas/Instant'}
            description: {type: [string, 'null']}
        actor:
          type: object
          required: [type]
          properties:
            type: {type: string}
            id: {type: [string, 'null']}
            email: {type: [string, 'null']}
            context: {type: [string, 'null'], enum: [api_token, api, dash, oauth, null]}
            ip_address: {type: [string, 'null']}
            token_id: {type: [string, 'null']}
            token_name: {type: [string, 'null']}
        raw:
          type: object
          properties:
            method: {type: [string, 'null']}
            uri: {type: [string, 'null']}
            status_code: {type: [integer, 'null']}
            user_agent: {type: [string, 'null']}
            cf_ray_id: {type: [string, 'null']}
        resource:
          type: object
          properties:
            id: {type: [string, 'null']}
            type: {type: [string, 'null']}
            product: {type: [string, 'null']}
            scope: {}
            request: {}
            response: {}
    ProductCategory:
      type: object
      required: [label, value, products]
      properties:
        label: {type: string}
        value: {type: string}
        products:
          type: array
          items:
            type: object
            required: [label, value]
            properties: {label: {type: string}, value: {type: string}}
    AuditIntegrity:
      type: object
      required: [rows, head_hash, first_broken_id]
      properties:
        rows: {type: integer, minimum: 0}
        head_hash: {type: string}
        first_broken_id: {type: [string, 'null']}
    PrimaryIdPBody:
      type: object
      required: [account_id, idp_id]
      properties:
        account_id: {$ref: '#/components/schemas/Hex'}
        idp_id: {$ref: '#/components/schemas/UUID'}
        mode: {type: [string, 'null'], enum: [report, enforce, null], default: report}
        exempt_account_ids: {type: [array, 'null'], maxItems: 10000, items: {$ref: '#/components/schemas/Hex'}}
        break_glass_emails: {type: [array, 'null'], maxItems: 5, items: {$ref: '#/components/schemas/Email'}}
        keep_previous:
          type: [boolean, 'null']
          default: false
          description: Keep the organization recipient of the designation that this one replaces.
    PrimaryIdPPatch:
      type: object
      properties:
        mode: {type: [string, 'null'], enum: [report, enforce, null]}
        exempt_account_ids: {type: [array, 'null'], maxItems: 10000, items: {$ref: '#/components/schemas/Hex'}}
        break_glass_emails: {type: [array, 'null'], maxItems: 5, items: {$ref: '#/components/schemas/Email'}}
    PrimaryIdP:
      type: object
      required:
        - organization_id
        - account_id
        - idp_id
        - grant_id
        - share_id
        - bridge_app_id
        - mode
        - exempt_account_ids
        - break_glass_emails
        - created_at
        - accounts_total
        - accounts_bridged
      properties:
        organization_id: {$ref: '#/components/schemas/Hex'}
        account_id: {$ref: '#/components/schemas/Hex'}
        idp_id: {$ref: '#/components/schemas/UUID'}
        grant_id: {$ref: '#/components/schemas/UUID'}
        share_id: {$ref: '#/components/schemas/Hex'}
        bridge_app_id: {$ref: '#/components/schemas/UUID'}
        mode: {type: string, enum: [report, enforce]}
        exempt_account_ids: {type: array, items: {$ref: '#/components/schemas/Hex'}}
        break_glass_emails: {type: array, items: {type: string}}
        created_at: {$ref: '#/components/schemas/Instant'}
        accounts_total: {type: integer, minimum: 0}
        accounts_bridged: {type: integer, minimum: 0}
    IdPBridgeBody:
      type: object
      properties:
        set_as_only_login:
          type: [boolean, 'null']
          default: false
          description: Also make the connection the only login of every application of the account.
    IdPBridge:
      type: object
      required: [account_id, role]
      properties:
        account_id: {$ref: '#/components/schemas/Hex'}
        role: {type: string, examples: [recipient, source]}
        connection_id: {anyOf: [{$ref: '#/components/schemas/UUID'}, {type: 'null'}]}
        grant_id: {anyOf: [{$ref: '#/components/schemas/UUID'}, {type: 'null'}]}
        source_account_id: {anyOf: [{$ref: '#/components/schemas/Hex'}, {type: 'null'}]}
        idp:
          type: [object, 'null']
          required: [name, type]
          properties: {name: {type: string}, type: {type: string}}
        login_url: {type: [string, 'null']}
        already_bridged: {type: boolean}
    Drift:
      type: object
      required: [kind]
      properties:
        kind:
          type: string
          enum:
            - not_bridged
            - other_idp_enabled
            - one_time_pin_enabled
            - app_allows_other_idp
            - app_allows_all_idps
            - policy_login_method_other
            - policy_everyone
            - bypass_policy
            - dangling_reference
        app_id: {$ref: '#/components/schemas/UUID'}
        policy_id: {$ref: '#/components/schemas/UUID'}
        name: {type: string}
        idp_ids: {type: array, items: {type: string}}
        fix:
          type: object
          required: [method, path, body]
          properties:
            method: {type: string, enum: [GET, POST, PUT, PATCH, DELETE]}
            path: {type: string}
            body: {}
            note:
              type: string
              description: What the fix allows that is impossible now. Absent where it allows nothing new.
    AccountCoverage:
      type: object
      required:
        - account_id
        - name
        - status
        - connection_id
        - has_zero_trust
        - last_bridge_login
        - other_idps
        - drift
      properties:
        account_id: {$ref: '#/components/schemas/Hex'}
        name: {type: string}
        status: {type: string, enum: [bridged, source, exempt, missing]}
        connection_id: {anyOf: [{$ref: '#/components/schemas/UUID'}, {type: 'null'}]}
        has_zero_trust: {type: boolean}
        last_bridge_login: {anyOf: [{$ref: '#/components/schemas/Instant'}, {type: 'null'}]}
        other_idps:
          type: array
          items:
            type: object
            required: [id, type, name, enforced_off]
            properties:
              id: {$ref: '#/components/schemas/UUID'}
              type: {type: string}
              name: {type: string}
              enforced_off: {type: boolean}
        drift: {type: array, items: {$ref: '#/components/schemas/Drift'}}
    Coverage:
      type: object
      required: [summary, accounts]
      properties:
        summary:
          type: object
          required: [accounts, bridged, source, exempt, missing, with_drift]
          properties:
            accounts: {type: integer, minimum: 0}
            bridged: {type: integer, minimum: 0}
            source: {type: integer, minimum: 0}
            exempt: {type: integer, minimum: 0}
            missing: {type: integer, minimum: 0}
            with_drift: {type: integer, minimum: 0}
        accounts: {type: array, items: {$ref: '#/components/schemas/AccountCoverage'}}
    Preview:
      type: object
      required:
        - preview
        - connections_created
        - connections_removed
        - apps_without_login
        - dangling_rules
        - sessions_ended
        - oauth_grants_ended
        - users_affected_30d
      properties:
        preview: {const: true}
        connections_created: {type: integer, minimum: 0}
        connections_removed:
          type: array
          items:
            type: object
            required: [account_id, connection_id]
            properties:
              account_id: {$ref: '#/components/schemas/Hex'}
              connection_id: {$ref: '#/components/schemas/UUID'}
        apps_without_login:
          type: array
          items:
            type: object
            required: [account_id, app_id, name]
            properties:
              account_id: {$ref: '#/components/schemas/Hex'}
              app_id: {$ref: '#/components/schemas/UUID'}
              name: {type: string}
        dangling_rules:
          type: array
          items:
            type: object
            required: [account_id]
            properties:
              account_id: {$ref: '#/components/schemas/Hex'}
              policy_id: {$ref: '#/components/schemas/UUID'}
              group_id: {$ref: '#/components/schemas/UUID'}
        sessions_ended: {type: integer, minimum: 0}
        oauth_grants_ended: {type: integer, minimum: 0}
        users_affected_30d: {type: integer, minimum: 0}
    ValidateTokensBody:
      type: object
      description: '`token` or `tokens`, not both.'
      anyOf: [{required: [token]}, {required: [tokens]}]
      properties:
        token: {type: [string, 'null']}
        tokens: {type: [array, 'null'], minItems: 1, maxItems: 100, items: {type: string}}
        idp_id: {anyOf: [{$ref: '#/components/schemas/UUID'}, {type: 'null'}]}
        audience:
          anyOf:
            - anyOf:
                - {type: string}
                - {type: array, minItems: 1, maxItems: 100, items: {type: string}}
            - {type: 'null'}
          description: The client id of the identity provider when absent.
        nonce: {type: [string, 'null']}
        max_age:
          type: [integer, 'null']
          minimum: 0
          maximum: 9007199254740992
          description: Seconds since `auth_time`.
    TokenValidation:
      oneOf:
        - type: object
          required: [active, issuer, subject, audience, expires_at, algorithm, claims]
          properties:
            active: {const: true}
            idp_id: {anyOf: [{$ref: '#/components/schemas/UUID'}, {type: 'null'}]}
            issuer: {type: string}
            subject: {type: string}
            email: {type: [string, 'null']}
            audience: {type: array, items: {type: string}}
            issued_at: {anyOf: [{$ref: '#/components/schemas/Instant'}, {type: 'null'}]}
            expires_at: {$ref: '#/components/schemas/Instant'}
            key_id: {type: [string, 'null']}
            algorithm: {type: string}
            claims: {type: object}
        - type: object
          required: [active, reason]
          properties:
            active: {const: false}
            reason:
              type: string
              enum:
                - too_large
                - encrypted
                - malformed
                - duplicate_key
                - unsupported_critical
                - wrong_type
                - unsupported_algorithm
                - unknown_issuer
                - idp_not_allowed
                - idp_unreachable
                - unknown_key
                - weak_key
                - bad_signature
                - expired
                - not_yet_valid
                - too_old
                - wrong_audience
                - wrong_authorized_party
                - wrong_nonce
                - missing_subject
                - email_missing
                - email_unverified
                - wrong_tenant
                - revoked
            detail: {type: string}
  examples:
    Organization:
      value:
        success: true
        errors: []
        messages: []
        result:
          id: 0190b7f0c0de7a11a5c0ffee00000001
          name: Acme
          create_time: '2026-03-02T10:00:00Z'
          meta:
            hierarchy_tags: [0190b7f0c0de7a11a5c0ffee00000001]
            managed_by: ''
            tenant_flags:
              account_creation: enabled
              account_creation_applies_tenant_defaults: enabled
              account_deletion: enabled
              account_migration: enabled
              account_mobility: enabled
              enterprise_capability: enabled
              member_management: enabled
              sub_org_creation: enabled
    OrganizationPage:
      value:
        success: true
        errors: []
        messages: []
        result:
          - id: 0190b7f0c0de7a11a5c0ffee00000001
            name: Acme
            create_time: '2026-03-02T10:00:00Z'
            meta:
              hierarchy_tags: [0190b7f0c0de7a11a5c0ffee00000001]
              managed_by: ''
              tenant_flags:
                account_creation: enabled
                account_creation_applies_tenant_defaults: enabled
                account_deletion: enabled
                account_migration: enabled
                account_mobility: enabled
                enterprise_capability: enabled
                member_management: enabled
                sub_org_creation: enabled
        result_info: {page_size: 10, total_size: 1}
    Deleted:
      value: {success: true, errors: [], messages: [], result: {id: 0190b7f0c0de7a11a5c0ffee00000001}}
    OrganizationProfile:
      value:
        success: true
        errors: []
        messages: []
        result:
          business_name: Acme Ltd
          business_email: it@acme.example
          business_phone: +351 21 000 0000
          business_address: Rua 1, Lisboa
          external_metadata: ''
    Empty:
      value: {success: true, errors: [], messages: [], result: null}
    AccountPage:
      value:
        success: true
        errors: []
        messages: []
        result:
          - id: 0190b7f0c0de7a11a5c0ffee00000002
            name: EMEA
            type: standard
            created_on: '2026-03-02T10:00:00Z'
            settings: {abuse_contact_email: null, enforce_twofactor: false}
            managed_by: {parent_org_id: 0190b7f0c0de7a11a5c0ffee00000001, parent_org_name: Acme}
        result_info: {page_size: 10, total_size: 1}
    OrganizationMemberPage:
      value:
        success: true
        errors: []
        messages: []
        result:
          - id: 0190b7f0c0de7a11a5c0ffee00000002
            create_time: '2026-03-02T10:00:00Z'
            update_time: '2026-03-02T10:00:00Z'
            status: active
            meta: {role: super_administrator}
            user:
              id: 0190b7f0c0de7a11a5c0ffee00000003
              email: ana@acme.example
              name: Ana
              two_factor_authentication_enabled: false
        result_info: {page_size: 10, total_size: 1}
    OrganizationMember:
      value:
        success: true
        errors: []
        messages: []
        result:
          id: 0190b7f0c0de7a11a5c0ffee00000002
          create_time: '2026-03-02T10:00:00Z'
          update_time: '2026-03-02T10:00:00Z'
          status: active
          meta: {role: super_administrator}
          user:
            id: 0190b7f0c0de7a11a5c0ffee00000003
            email: ana@acme.example
            name: Ana
            two_factor_authentication_enabled: false
    OrganizationMembersAdded:
      value:
        success: true
        errors: []
        messages: []
        result:
          - id: 0190b7f0c0de7a11a5c0ffee00000002
            create_time: '2026-03-02T10:00:00Z'
            update_time: '2026-03-02T10:00:00Z'
            status: active
            meta: {role: super_administrator}
            user:
              id: 0190b7f0c0de7a11a5c0ffee00000003
              email: ana@acme.example
              name: Ana
              two_factor_authentication_enabled: false
    Account:
      value:
        success: true
        errors: []
        messages: []
        result:
          id: 0190b7f0c0de7a11a5c0ffee00000002
          name: EMEA
          type: standard
          created_on: '2026-03-02T10:00:00Z'
          settings: {abuse_contact_email: null, enforce_twofactor: false}
          managed_by: {parent_org_id: 0190b7f0c0de7a11a5c0ffee00000001, parent_org_name: Acme}
    AccountList:
      value:
        success: true
        errors: []
        messages: []
        result:
          - id: 0190b7f0c0de7a11a5c0ffee00000002
            name: EMEA
            type: standard
            created_on: '2026-03-02T10:00:00Z'
            settings: {abuse_contact_email: null, enforce_twofactor: false}
            managed_by: {parent_org_id: 0190b7f0c0de7a11a5c0ffee00000001, parent_org_name: Acme}
        result_info: {page: 1, per_page: 20, count: 1, total_count: 1, total_pages: 1}
    AccountsMoved:
      value:
        success: true
        errors: []
        messages: []
        result:
          - account_id: 0190b7f0c0de7a11a5c0ffee00000002
            source_organization_id: null
            destination_organization_id: 0190b7f0c0de7a11a5c0ffee00000001
    AccountDeleted:
      value: {success: true, errors: [], messages: [], result: {id: 0190b7f0c0de7a11a5c0ffee00000002}}
    AccountMoved:
      value:
        success: true
        errors: []
        messages: []
        result:
          account_id: 0190b7f0c0de7a11a5c0ffee00000002
          source_organization_id: null
          destination_organization_id: 0190b7f0c0de7a11a5c0ffee00000001
    EntitlementList:
      value:
        success: true
        errors: []
        messages: []
        result:
          - id: access.seats
            feature: {id: 1, key: access.seats, name: Access seats, feature_set: access}
            allocation: {type: max_count, value: 1000}
            created_date: '2026-03-02T10:00:00Z'
            edited_date: '2026-03-02T10:00:00Z'
            deleted_date: null
        result_info: {count: 1, total_count: 1}
    MemberList:
      value:
        success: true
        errors: []
        messages: []
        result:
          - id: 0190b7f0c0de7a11a5c0ffee00000001
            email: ana@acme.example
            status: accepted
            roles:
              - id: 0190b7f0c0de7a11a5c0ffee00000001
                name: Administrator Read Only
                description: Can read everything in the account
                permissions: {access: {read: true, write: false}}
            policies: []
            user:
              id: 0190b7f0c0de7a11a5c0ffee00000003
              email: ana@acme.example
              first_name: null
              last_name: null
              two_factor_authentication_enabled: false
        result_info: {page: 1, per_page: 20, count: 1, total_count: 1, total_pages: 1}
    Member:
      value:
        success: true
        errors: []
        messages: []
        result:
          id: 0190b7f0c0de7a11a5c0ffee00000001
          email: ana@acme.example
          status: accepted
          roles:
            - id: 0190b7f0c0de7a11a5c0ffee00000001
              name: Administrator Read Only
              description: Can read everything in the account
              permissions: {access: {read: true, write: false}}
          policies: []
          user:
            id: 0190b7f0c0de7a11a5c0ffee00000003
            email: ana@acme.example
            first_name: null
            last_name: null

"""##,
#"""
            two_factor_authentication_enabled: false
    RoleList:
      value:
        success: true
        errors: []
        messages: []
        result:
          - id: 0190b7f0c0de7a11a5c0ffee00000001
            name: Administrator Read Only
            description: Can read everything in the account
            permissions: {access: {read: true, write: false}}
        result_info: {page: 1, per_page: 20, count: 1, total_count: 1, total_pages: 1}
    Role:
      value:
        success: true
        errors: []
        messages: []
        result:
          id: 0190b7f0c0de7a11a5c0ffee00000001
          name: Administrator Read Only
          description: Can read everything in the account
          permissions: {access: {read: true, write: false}}
    User:
      value:
        success: true
        errors: []
        messages: []
        result:
          id: 0190b7f0c0de7a11a5c0ffee00000003
          email: ana@acme.example
          two_factor_authentication_enabled: false
    MembershipList:
      value:
        success: true
        errors: []
        messages: []
        result:
          - id: 0190b7f0c0de7a11a5c0ffee00000001
            status: accepted
            account:
              id: 0190b7f0c0de7a11a5c0ffee00000002
              name: EMEA
              type: standard
              created_on: '2026-03-02T10:00:00Z'
              settings: {abuse_contact_email: null, enforce_twofactor: false}
              managed_by: {parent_org_id: 0190b7f0c0de7a11a5c0ffee00000001, parent_org_name: Acme}
            roles: [Administrator]
        result_info: {page: 1, per_page: 20, count: 1, total_count: 1, total_pages: 1}
    TokenValue:
      value:
        success: true
        errors: []
        messages: []
        result: cfat_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
    TokenCreated:
      value:
        success: true
        errors: []
        messages: []
        result:
          id: 0190b7f0c0de7a11a5c0ffee00000001
          name: automation
          status: active
          policies:
            - id: 0190b7f0c0de7a11a5c0ffee00000002
              effect: allow
              permission_groups: [{id: 959972745952452f8be2452be8cbb9f2, name: 'Access: Apps and Policies Write'}]
              resources: {com.cloudflare.api.account.0190b7f0c0de7a11a5c0ffee00000002: '*'}
          issued_on: '2026-03-02T10:00:00Z'
          modified_on: '2026-03-02T10:00:00Z'
          expires_on: '2027-03-02T10:00:00Z'
          value: cfat_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
    PermissionGroupList:
      value:
        success: true
        errors: []
        messages: []
        result:
          - id: 959972745952452f8be2452be8cbb9f2
            name: 'Access: Apps and Policies Write'
            category: cloudflare_one_and_zero_trust
            is_selectable: true
            scopes: [com.cloudflare.api.account]
        result_info: {count: 1, total_count: 1}
    TokenVerification:
      value:
        success: true
        errors: []
        messages: []
        result: {id: 0190b7f0c0de7a11a5c0ffee00000001, status: active, expires_on: '2027-03-02T10:00:00Z'}
    TokenList:
      value:
        success: true
        errors: []
        messages: []
        result:
          - id: 0190b7f0c0de7a11a5c0ffee00000001
            name: automation
            status: active
            policies:
              - id: 0190b7f0c0de7a11a5c0ffee00000002
                effect: allow
                permission_groups:
                  - id: 959972745952452f8be2452be8cbb9f2
                    name: 'Access: Apps and Policies Write'
                resources: {com.cloudflare.api.account.0190b7f0c0de7a11a5c0ffee00000002: '*'}
            issued_on: '2026-03-02T10:00:00Z'
            modified_on: '2026-03-02T10:00:00Z'
            expires_on: '2027-03-02T10:00:00Z'
        result_info: {page: 1, per_page: 20, count: 1, total_count: 1, total_pages: 1}
    Token:
      value:
        success: true
        errors: []
        messages: []
        result:
          id: 0190b7f0c0de7a11a5c0ffee00000001
          name: automation
          status: active
          policies:
            - id: 0190b7f0c0de7a11a5c0ffee00000002
              effect: allow
              permission_groups: [{id: 959972745952452f8be2452be8cbb9f2, name: 'Access: Apps and Policies Write'}]
              resources: {com.cloudflare.api.account.0190b7f0c0de7a11a5c0ffee00000002: '*'}
          issued_on: '2026-03-02T10:00:00Z'
          modified_on: '2026-03-02T10:00:00Z'
          expires_on: '2027-03-02T10:00:00Z'
    ZeroTrustOrganization:
      value:
        success: true
        errors: []
        messages: []
        result:
          name: Acme EMEA
          auth_domain: emea.access.localhost
          session_duration: 24h
          auto_redirect_to_identity: false
          strict_service_token_auth: true
          is_ui_read_only: false
          deny_unmatched_requests: true
          trusted_accounts: []
          created_at: '2026-03-02T10:00:00Z'
          updated_at: '2026-03-02T10:00:00Z'
    Revoked:
      value: {success: true, errors: [], messages: [], result: true}
    IdentityProviderList:
      value:
        success: true
        errors: []
        messages: []
        result:
          - id: 0190b7f0-c0de-7a11-a5c0-ffee00000001
            name: Okta
            type: okta
            read_only: true
            config: {redirect_url: 'https://emea.access.localhost/cdn-cgi/access/callback'}
            scim_config: {enabled: false}
            source_account_id: 0190b7f0c0de7a11a5c0ffee00000001
            source_idp_id: 0190b7f0-c0de-7a11-a5c0-ffee00000002
            grant_id: 0190b7f0-c0de-7a11-a5c0-ffee00000003
            primary: true
        result_info: {page: 1, per_page: 20, count: 1, total_count: 1, total_pages: 1}
    IdentityProviderCreated:
      value:
        success: true
        errors: []
        messages: []
        result:
          id: 0190b7f0-c0de-7a11-a5c0-ffee00000001
          name: Okta
          type: okta
          read_only: true
          config: {redirect_url: 'https://emea.access.localhost/cdn-cgi/access/callback'}
          scim_config: {enabled: false}
          source_account_id: 0190b7f0c0de7a11a5c0ffee00000001
          source_idp_id: 0190b7f0-c0de-7a11-a5c0-ffee00000002
          grant_id: 0190b7f0-c0de-7a11-a5c0-ffee00000003
          primary: true
    IdPTest:
      value:
        success: true
        errors: []
        messages: []
        result: {success: true, issuer: 'https://idp.example.org'}
    SCIMUserList:
      value:
        success: true
        errors: []
        messages: []
        result:
          - id: 0190b7f0-c0de-7a11-a5c0-ffee00000001
            userName: ana
            displayName: Ana
            externalId: 00u1
            active: true
            emails: [{value: ana@acme.example, primary: true}]
            meta: {created: '2026-03-02T10:00:00Z', lastModified: '2026-03-02T10:00:00Z'}
            schemas: ['urn:ietf:params:scim:schemas:core:2.0:User']
        result_info: {page: 1, per_page: 20, count: 1, total_count: 1, total_pages: 1}
    SCIMGroupList:
      value:
        success: true
        errors: []
        messages: []
        result:
          - id: 0190b7f0-c0de-7a11-a5c0-ffee00000001
            displayName: engineering
            externalId: 00g1
            meta: {created: '2026-03-02T10:00:00Z', lastModified: '2026-03-02T10:00:00Z'}
            schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group']
        result_info: {page: 1, per_page: 20, count: 1, total_count: 1, total_pages: 1}
    FederationGrantList:
      value:
        success: true
        errors: []
        messages: []
        result:
          - id: 0190b7f0-c0de-7a11-a5c0-ffee00000003
            idp_id: 0190b7f0-c0de-7a11-a5c0-ffee00000002
        result_info: {count: 1, total_count: 1}
    FederationGrantCreated:
      value:
        success: true
        errors: []
        messages: []
        result: {id: 0190b7f0-c0de-7a11-a5c0-ffee00000003, idp_id: 0190b7f0-c0de-7a11-a5c0-ffee00000002}
    EndedOrPreview:
      value:
        success: true
        errors: []
        messages: []
        result: {id: 0190b7f0-c0de-7a11-a5c0-ffee00000003}
    PrimaryIdPOrPreview:
      value:
        success: true
        errors: []
        messages: []
        result:
          organization_id: 0190b7f0c0de7a11a5c0ffee00000001
          account_id: 0190b7f0c0de7a11a5c0ffee00000002
          idp_id: 0190b7f0-c0de-7a11-a5c0-ffee00000001
          grant_id: 0190b7f0-c0de-7a11-a5c0-ffee00000002
          share_id: 0190b7f0c0de7a11a5c0ffee00000003
          bridge_app_id: 0190b7f0-c0de-7a11-a5c0-ffee00000003
          mode: report
          exempt_account_ids: []
          break_glass_emails: []
          created_at: '2026-03-02T10:00:00Z'
          accounts_total: 40
          accounts_bridged: 40
    OrganizationCoverage:
      value:
        success: true
        errors: []
        messages: []
        result:
          summary: {accounts: 40, bridged: 38, source: 1, exempt: 1, missing: 0, with_drift: 1}
          accounts:
            - account_id: 0190b7f0c0de7a11a5c0ffee00000002
              name: EMEA
              status: bridged
              connection_id: 0190b7f0-c0de-7a11-a5c0-ffee00000001
              has_zero_trust: true
              last_bridge_login: null
              other_idps:
                - id: 0190b7f0-c0de-7a11-a5c0-ffee00000002
                  type: onetimepin
                  name: One-time PIN
                  enforced_off: false
              drift:
                - kind: one_time_pin_enabled
                  idp_ids: [0190b7f0-c0de-7a11-a5c0-ffee00000002]
                  fix:
                    method: DELETE
                    path: /client/v4/accounts/0190b7f0c0de7a11a5c0ffee00000002/access/identity_providers/0190b7f0-c0de-7a11-a5c0-ffee00000002
                    body: null
        result_info: {page_size: 10, total_size: 1}
    IdPBridge:
      value:
        success: true
        errors: []
        messages: []
        result:
          account_id: 0190b7f0c0de7a11a5c0ffee00000002
          role: recipient
          connection_id: 0190b7f0-c0de-7a11-a5c0-ffee00000001
          grant_id: 0190b7f0-c0de-7a11-a5c0-ffee00000002
          source_account_id: 0190b7f0c0de7a11a5c0ffee00000001
          idp: {name: Okta, type: okta}
          login_url: https://emea.access.localhost/cdn-cgi/access/login
          already_bridged: false
    AccountCoverage:
      value:
        success: true
        errors: []
        messages: []
        result:
          account_id: 0190b7f0c0de7a11a5c0ffee00000002
          name: EMEA
          status: bridged
          connection_id: 0190b7f0-c0de-7a11-a5c0-ffee00000001
          has_zero_trust: true
          last_bridge_login: null
          other_idps:
            - id: 0190b7f0-c0de-7a11-a5c0-ffee00000002
              type: onetimepin
              name: One-time PIN
              enforced_off: false
          drift:
            - kind: one_time_pin_enabled
              idp_ids: [0190b7f0-c0de-7a11-a5c0-ffee00000002]
              fix:
                method: DELETE
                path: /client/v4/accounts/0190b7f0c0de7a11a5c0ffee00000002/access/identity_providers/0190b7f0-c0de-7a11-a5c0-ffee00000002
                body: null
    TokenValidations:
      value:
        success: true
        errors: []
        messages: []
        result: {active: false, reason: expired, detail: exp was 132 s ago}
    ShareList:
      value:
        success: true
        errors: []
        messages: []
        result:
          - id: 0190b7f0c0de7a11a5c0ffee00000002
            name: Primary identity provider
            account_id: 0190b7f0c0de7a11a5c0ffee00000001
            account_name: Headquarters
            organization_id: 0190b7f0c0de7a11a5c0ffee00000003
            status: active
            target_type: organization
            kind: sent
            created: '2026-03-02T10:00:00Z'
            modified: '2026-03-02T10:00:00Z'
        result_info: {page: 1, per_page: 20, count: 1, total_count: 1, total_pages: 1}
    Share:
      value:
        success: true
        errors: []
        messages: []
        result:
          id: 0190b7f0c0de7a11a5c0ffee00000002
          name: Primary identity provider
          account_id: 0190b7f0c0de7a11a5c0ffee00000001
          account_name: Headquarters
          organization_id: 0190b7f0c0de7a11a5c0ffee00000003
          status: active
          target_type: organization
          kind: sent
          created: '2026-03-02T10:00:00Z'
          modified: '2026-03-02T10:00:00Z'
    ShareRecipientList:
      value:
        success: true
        errors: []
        messages: []
        result:
          - id: 0190b7f0c0de7a11a5c0ffee00000003
            account_id: 0190b7f0c0de7a11a5c0ffee00000002
            association_status: associated
            created: '2026-03-02T10:00:00Z'
            modified: '2026-03-02T10:00:00Z'
        result_info: {page: 1, per_page: 20, count: 1, total_count: 1, total_pages: 1}
    ShareRecipient:
      value:
        success: true
        errors: []
        messages: []
        result:
          id: 0190b7f0c0de7a11a5c0ffee00000003
          account_id: 0190b7f0c0de7a11a5c0ffee00000002
          association_status: associated
          created: '2026-03-02T10:00:00Z'
          modified: '2026-03-02T10:00:00Z'
    ShareResourceList:
      value:
        success: true
        errors: []
        messages: []
        result:
          - id: 0190b7f0c0de7a11a5c0ffee00000003
            resource_id: 0190b7f0-c0de-7a11-a5c0-ffee00000003
            resource_type: idp-federation-grant
            resource_account_id: 0190b7f0c0de7a11a5c0ffee00000001
            resource_version: 1
            meta: {}
            status: active
            created: '2026-03-02T10:00:00Z'
            modified: '2026-03-02T10:00:00Z'
        result_info: {page: 1, per_page: 20, count: 1, total_count: 1, total_pages: 1}
    ShareResource:
      value:
        success: true
        errors: []
        messages: []
        result:
          id: 0190b7f0c0de7a11a5c0ffee00000003
          resource_id: 0190b7f0-c0de-7a11-a5c0-ffee00000003
          resource_type: idp-federation-grant
          resource_account_id: 0190b7f0c0de7a11a5c0ffee00000001
          resource_version: 1
          meta: {}
          status: active
          created: '2026-03-02T10:00:00Z'
          modified: '2026-03-02T10:00:00Z'
    ApplicationList:
      value:
        success: true
        errors: []
        messages: []
        result:
          - id: 0190b7f0-c0de-7a11-a5c0-ffee00000001
            uid: 0190b7f0-c0de-7a11-a5c0-ffee00000001
            aud: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
            type: self_hosted
            name: wiki
            domain: wiki.acme.example
            destinations: [{type: public, uri: wiki.acme.example}]
            self_hosted_domains: [wiki.acme.example]
            allowed_idps: []
            auto_redirect_to_identity: false
            session_duration: 24h
            policies:
              - id: 0190b7f0-c0de-7a11-a5c0-ffee00000002
                name: Staff
                decision: allow
                include: [{email_domain: {domain: acme.example}}]
                exclude: []
                require: []
                precedence: 1
                reusable: false
                account_id: 0190b7f0c0de7a11a5c0ffee00000002
                created_at: '2026-03-02T10:00:00Z'
                updated_at: '2026-03-02T10:00:00Z'
            tags: []
            created_at: '2026-03-02T10:00:00Z'
            updated_at: '2026-03-02T10:00:00Z'
        result_info: {page: 1, per_page: 20, count: 1, total_count: 1, total_pages: 1}
    ApplicationCreated:
      value:
        success: true
        errors: []
        messages: []
        result:
          id: 0190b7f0-c0de-7a11-a5c0-ffee00000001
          uid: 0190b7f0-c0de-7a11-a5c0-ffee00000001
          aud: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
          type: self_hosted
          name: wiki
          domain: wiki.acme.example
          destinations: [{type: public, uri: wiki.acme.example}]
          self_hosted_domains: [wiki.acme.example]
          allowed_idps: []
          auto_redirect_to_identity: false
          session_duration: 24h
          policies:
            - id: 0190b7f0-c0de-7a11-a5c0-ffee00000002
              name: Staff
              decision: allow
              include: [{email_domain: {domain: acme.example}}]
              exclude: []
              require: []
              precedence: 1
              reusable: false
              account_id: 0190b7f0c0de7a11a5c0ffee00000002
              created_at: '2026-03-02T10:00:00Z'
              updated_at: '2026-03-02T10:00:00Z'
          tags: []
          created_at: '2026-03-02T10:00:00Z'
          updated_at: '2026-03-02T10:00:00Z'
    EmptyObject:
      value: {success: true, errors: [], messages: [], result: {}}
    ApplicationSettings:
      value:
        success: true
        errors: []
        messages: []
        result: {allow_iframe: false, skip_interstitial: true}
    ApplicationSecret:
      value:
        success: true
        errors: []
        messages: []
        result:
          client_id: cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc
          client_secret: shown-once
    PolicyList:
      value:
        success: true
        errors: []
        messages: []
        result:
          - id: 0190b7f0-c0de-7a11-a5c0-ffee00000002
            name: Staff
            decision: allow
            include: [{email_domain: {domain: acme.example}}]
            exclude: []
            require: []
            precedence: 1
            reusable: false
            account_id: 0190b7f0c0de7a11a5c0ffee00000002
            created_at: '2026-03-02T10:00:00Z'
            updated_at: '2026-03-02T10:00:00Z'
        result_info: {page: 1, per_page: 20, count: 1, total_count: 1, total_pages: 1}
    PolicyCreated:
      value:
        success: true
        errors: []
        messages: []
        result:
          id: 0190b7f0-c0de-7a11-a5c0-ffee00000002
          name: Staff
          decision: allow
          include: [{email_domain: {domain: acme.example}}]
          exclude: []
          require: []
          precedence: 1
          reusable: false
          account_id: 0190b7f0c0de7a11a5c0ffee00000002
          created_at: '2026-03-02T10:00:00Z'
          updated_at: '2026-03-02T10:00:00Z'
    Bookmark:
      value:
        success: true
        errors: []
        messages: []
        result:
          id: 0190b7f0-c0de-7a11-a5c0-ffee00000001
          name: Status page
          domain: status.acme.example
          app_launcher_visible: true
          logo_url: null
          created_at: '2026-03-02T10:00:00Z'
          updated_at: '2026-03-02T10:00:00Z'
    BookmarkList:
      value:
        success: true
        errors: []
        messages: []
        result:
          - id: 0190b7f0-c0de-7a11-a5c0-ffee00000001
            name: Status page
            domain: status.acme.example
            app_launcher_visible: true
            logo_url: null
            created_at: '2026-03-02T10:00:00Z'
            updated_at: '2026-03-02T10:00:00Z'
        result_info: {count: 1, total_count: 1}
    MCPPortalList:
      value:
        success: true
        errors: []
        messages: []
        result:
          - id: 0190b7f0-c0de-7a11-a5c0-ffee00000001
            name: Tools
            hostname: mcp.acme.example
            servers: []
            created_at: '2026-03-02T10:00:00Z'
            modified_at: '2026-03-02T10:00:00Z'
        result_info: {page: 1, per_page: 20, count: 1, total_count: 1, total_pages: 1}
    MCPPortal:
      value:
        success: true
        errors: []
        messages: []
        result:
          id: 0190b7f0-c0de-7a11-a5c0-ffee00000001
          name: Tools
          hostname: mcp.acme.example
          servers: []
          created_at: '2026-03-02T10:00:00Z'
          modified_at: '2026-03-02T10:00:00Z'
    MCPServerList:
      value:
        success: true
        errors: []
        messages: []
        result:
          - id: 0190b7f0-c0de-7a11-a5c0-ffee00000002
            name: Search
            hostname: https://search.acme.example/mcp
            auth_type: oauth
            prompts: []
            tools: []
            created_at: '2026-03-02T10:00:00Z'
            modified_at: '2026-03-02T10:00:00Z'
        result_info: {page: 1, per_page: 20, count: 1, total_count: 1, total_pages: 1}
    MCPServer:
      value:
        success: true
        errors: []
        messages: []
        result:
          id: 0190b7f0-c0de-7a11-a5c0-ffee00000002
          name: Search
          hostname: https://search.acme.example/mcp
          auth_type: oauth
          prompts: []
          tools: []
          created_at: '2026-03-02T10:00:00Z'
          modified_at: '2026-03-02T10:00:00Z'
    ReusablePolicyList:
      value:
        success: true
        errors: []
        messages: []
        result:
          - id: 0190b7f0-c0de-7a11-a5c0-ffee00000002
            name: Staff
            decision: allow
            include: [{email_domain: {domain: acme.example}}]
            exclude: []
            require: []
            reusable: true
            account_id: 0190b7f0c0de7a11a5c0ffee00000002
            created_at: '2026-03-02T10:00:00Z'
            updated_at: '2026-03-02T10:00:00Z'
            app_count: 2
        result_info: {page: 1, per_page: 20, count: 1, total_count: 1, total_pages: 1}
    ReusablePolicyCreated:
      value:
        success: true
        errors: []
        messages: []
        result:
          id: 0190b7f0-c0de-7a11-a5c0-ffee00000002
          name: Staff
          decision: allow
          include: [{email_domain: {domain: acme.example}}]
          exclude: []
          require: []
          reusable: true
          account_id: 0190b7f0c0de7a11a5c0ffee00000002
          created_at: '2026-03-02T10:00:00Z'
          updated_at: '2026-03-02T10:00:00Z'
          app_count: 2
    PolicyTestCreated:
      value:
        success: true
        errors: []
        messages: []
        result: {id: 0190b7f0-c0de-7a11-a5c0-ffee00000003, status: success}
    PolicyTest:
      value:
        success: true
        errors: []
        messages: []
        result:
          id: 0190b7f0-c0de-7a11-a5c0-ffee00000003
          status: complete
          total_users: 4
          users_approved: 2
          users_blocked: 1
          users_errored: 1
          percent_approved: 50
          percent_blocked: 25
          percent_errored: 25
          percent_users_processed: 100
    PolicyTestUserList:
      value:
        success: true
        errors: []
        messages: []
        result:
          - {id: 0190b7f0-c0de-7a11-a5c0-ffee00000004, email: ann@acme.example, name: Ann, status: approved}
        result_info: {page: 1, per_page: 1000, count: 1, total_count: 1, total_pages: 1}
    UserPolicyCheck:
      value:
        success: true
        errors: []
        messages: []
        result:
          app_state:
            app_uid: 0190b7f0-c0de-7a11-a5c0-ffee00000005
            aud: 737646a56ab1df6ec9bddc7e5ca84eaf3b0768850f3ffb5d74f1534911fe3893
            hostname: wiki.acme.example
            name: Wiki
            status: Success
            policies:
              - {id: 0190b7f0-c0de-7a11-a5c0-ffee00000002, name: Staff, decision: allow, status: true}
          user_identity:
            email: ann@acme.example
            name: Ann
            geo: {country: ''}
            device_sessions: {}
            is_gateway: false
            is_warp: false
            version: 2
          explanation:
            decision: allow
            policy_id: 0190b7f0-c0de-7a11-a5c0-ffee00000002
            policies:
              - id: 0190b7f0-c0de-7a11-a5c0-ffee00000002
                name: Staff
                decision: allow
                outcome: decides
                path:
                  - {list: include, position: 0, selector: email_domain, holds: 'yes'}
    GroupList:
      value:
        success: true
        errors: []
        messages: []
        result:
          - id: 0190b7f0-c0de-7a11-a5c0-ffee00000001
            uid: 0190b7f0-c0de-7a11-a5c0-ffee00000001
            name: Engineering
            include: [{email: {email: ana@acme.example}}]
            exclude: []
            require: []
            created_at: '2026-03-02T10:00:00Z'
            updated_at: '2026-03-02T10:00:00Z'
        result_info: {page: 1, per_page: 20, count: 1, total_count: 1, total_pages: 1}
    GroupCreated:
      value:
        success: true
        errors: []
        messages: []
        result:
          id: 0190b7f0-c0de-7a11-a5c0-ffee00000001
          uid: 0190b7f0-c0de-7a11-a5c0-ffee00000001
          name: Engineering
          include: [{email: {email: ana@acme.example}}]
          exclude: []
          require: []
          created_at: '2026-03-02T10:00:00Z'
          updated_at: '2026-03-02T10:00:00Z'
    TagList:
      value:
        success: true
        errors: []
        messages: []
        result:
          - name: internal
            app_count: 3
            created_at: '2026-03-02T10:00:00Z'
            updated_at: '2026-03-02T10:00:00Z'
        result_info: {page: 1, per_page: 20, count: 1, total_count: 1, total_pages: 1}
    TagCreated:
      value:
        success: true
        errors: []
        messages: []
        result:
          name: internal
          app_count: 3
          created_at: '2026-03-02T10:00:00Z'
          updated_at: '2026-03-02T10:00:00Z'
    TagDeleted:
      value: {success: true, errors: [], messages: [], result: {name: internal}}
    CustomPageList:
      value:
        success: true
        errors: []
        messages: []
        result:
          - uid: 0190b7f0-c0de-7a11-a5c0-ffee00000001
            name: Denied
            type: identity_denied
            created_at: '2026-03-02T10:00:00Z'
            updated_at: '2026-03-02T10:00:00Z'
        result_info: {page: 1, per_page: 20, count: 1, total_count: 1, total_pages: 1}
    CustomPageCreated:
      value:
        success: true
        errors: []
        messages: []
        result:
          uid: 0190b7f0-c0de-7a11-a5c0-ffee00000001
          name: Denied
          type: identity_denied
          created_at: '2026-03-02T10:00:00Z'
          updated_at: '2026-03-02T10:00:00Z'
    ServiceTokenList:
      value:
        success: true
        errors: []
        messages: []
        result:
          - id: 0190b7f0-c0de-7a11-a5c0-ffee00000001
            name: ci
            client_id: 0190b7f0c0de7a11a5c0ffee00000001.access
            client_secret_version: 1
            duration: 8760h
            enabled: true
            expires_at: '2027-03-02T10:00:00Z'
            created_at: '2026-03-02T10:00:00Z'
            updated_at: '2026-03-02T10:00:00Z'
            last_seen_at: null
        result_info: {page: 1, per_page: 20, count: 1, total_count: 1, total_pages: 1}
    ServiceTokenCreated:
      value:
        success: true
        errors: []
        messages: []
        result:
          id: 0190b7f0-c0de-7a11-a5c0-ffee00000001
          name: ci
          client_id: 0190b7f0c0de7a11a5c0ffee00000001.access
          client_secret_version: 1
          duration: 8760h
          enabled: true
          expires_at: '2027-03-02T10:00:00Z'
          created_at: '2026-03-02T10:00:00Z'
          updated_at: '2026-03-02T10:00:00Z'
          last_seen_at: null
          client_secret: cfast_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
    ServiceToken:
      value:
        success: true
        errors: []
        messages: []
        result:
          id: 0190b7f0-c0de-7a11-a5c0-ffee00000001
          name: ci
          client_id: 0190b7f0c0de7a11a5c0ffee00000001.access
          client_secret_version: 1
          duration: 8760h
          enabled: true
          expires_at: '2027-03-02T10:00:00Z'
          created_at: '2026-03-02T10:00:00Z'
          updated_at: '2026-03-02T10:00:00Z'
          last_seen_at: null
    Keys:
      value:
        success: true
        errors: []
        messages: []
        result:
          key_rotation_interval_days: 42
          last_key_rotation_at: '2026-03-02T10:00:00Z'
          days_until_next_rotation: 42
    AccessUserList:
      value:
        success: true
        errors: []
        messages: []
        result:
          - id: 0190b7f0-c0de-7a11-a5c0-ffee00000001
            uid: 0190b7f0-c0de-7a11-a5c0-ffee00000001
            seat_uid: 0190b7f0-c0de-7a11-a5c0-ffee00000002
            email: ana@acme.example
            name: Ana
            access_seat: true
            gateway_seat: false
            active_device_count: 0
            last_successful_login: null
            created_at: '2026-03-02T10:00:00Z'
            updated_at: '2026-03-02T10:00:00Z'
        result_info: {page: 1, per_page: 20, count: 1, total_count: 1, total_pages: 1}
    AccessUserCreated:
      value:
        success: true
        errors: []
        messages: []
        result:
          id: 0190b7f0-c0de-7a11-a5c0-ffee00000001
          uid: 0190b7f0-c0de-7a11-a5c0-ffee00000001
          seat_uid: 0190b7f0-c0de-7a11-a5c0-ffee00000002
          email: ana@acme.example
          name: Ana
          access_seat: true
          gateway_seat: false
          active_device_count: 0
          last_successful_login: null
          created_at: '2026-03-02T10:00:00Z'
          updated_at: '2026-03-02T10:00:00Z'
    OAuthClientList:
      value:
        success: true
        errors: []
        messages: []
        result:
          - client_id: 53bc5fc5-abe1-4b4e-8541-30772ce12c20
            client_name: Agent
            kind: dcr
            redirect_uris: ['http://127.0.0.1/cb']
            created_at: '2026-03-02T10:00:00Z'
            last_used_at: '2026-03-02T10:00:00Z'
            grants: 1
        result_info: {count: 1, total_count: 1}
    OAuthGrantList:
      value:
        success: true
        errors: []
        messages: []
        result:
          - id: 0190b7f0-c0de-7a11-a5c0-ffee00000001
            client_id: 53bc5fc5-abe1-4b4e-8541-30772ce12c20
            client_name: Agent
            app_id: 0190b7f0-c0de-7a11-a5c0-ffee00000002
            app_name: Wiki
            created_at: '2026-03-02T10:00:00Z'
            last_refresh_at: null
            expires_at: '2026-03-03T10:00:00Z'
        result_info: {count: 1, total_count: 1}
    Sessions:
      value:
        success: true
        errors: []
        messages: []
        result:
          - name: 6ei69kawdKzMIAPF
            expiration: 1772539200
            metadata:
              apps: {0190b7f0-c0de-7a11-a5c0-ffee00000001: {hostname: wiki.example.org, name: wiki, type: self_hosted, uid: 0190b7f0-c0de-7a11-a5c0-ffee00000001}}
              expires: 1772539200
              iat: 1772452800
              nonce: 6ei69kawdKzMIAPF
              ttl: 86400
        result_info: {count: 1, total_count: 1}
    FailedLogins:
      value:
        success: true
        errors: []
        messages: []
        result:
          - expiration: 1819800000
            metadata: {action: login, allowed: false, user_email: ana@acme.example, reason: denied}
        result_info: {count: 1, total_count: 1}
    AccessIdentity:
      value:
        success: true
        errors: []
        messages: []
        result:
          id: 0190b7f0-c0de-7a11-a5c0-ffee00000004
          name: Ana
          email: ana@acme.example
          idp: {id: 0190b7f0-c0de-7a11-a5c0-ffee00000003, type: okta}
          groups: [staff]
          geo: {country: PT}
          user_uuid: 0190b7f0-c0de-7a11-a5c0-ffee00000004
          account_id: 0190b7f0c0de7a11a5c0ffee00000002
          iat: 1772452800
          ip: 198.51.100.7
          amr: [pwd]
          version: 2
          isActive: true
    AccessRequestList:
      value:
        success: true
        errors: []
        messages: []
        result:
          - action: login
            allowed: true
            app_uid: 0190b7f0-c0de-7a11-a5c0-ffee00000001
            app_domain: wiki.example.org
            app_type: self_hosted
            connection: okta
            country: PT
            created_at: '2026-03-02T10:00:00.000001Z'
            ip_address: 198.51.100.7
            ray_id: 0123456789abcdef-ORG
            user_email: ana@acme.example
            user_id: 0190b7f0-c0de-7a11-a5c0-ffee00000004
            idp_id: 0190b7f0-c0de-7a11-a5c0-ffee00000003
            policy_id: 0190b7f0-c0de-7a11-a5c0-ffee00000005
            reason: ''
            oauth_client_id: ''
            oauth_client_name: ''
        result_info: {page: 1, per_page: 25, count: 1, total_count: 1, total_pages: 1}
    SeatList:
      value:
        success: true
        errors: []
        messages: []
        result:
          - seat_uid: 0190b7f0-c0de-7a11-a5c0-ffee00000002
            access_seat: true
            gateway_seat: false
            created_at: '2026-03-02T10:00:00Z'
            updated_at: '2026-03-02T10:00:00Z'
        result_info: {count: 1, total_count: 1}
    AuditRowList:
      value:
        success: true
        errors: []
        messages: []
        result:
          - id: 0190b7f0-c0de-7a11-a5c0-ffee00000001
            account: {id: 0190b7f0c0de7a11a5c0ffee00000002, name: EMEA}
            action:
              type: create
              result: success
              time: '2026-03-02T10:00:00.000001Z'
              description: createServiceToken
            actor:
              type: user
              id: 0190b7f0c0de7a11a5c0ffee00000003
              email: ana@acme.example
              context: api_token
              ip_address: 127.0.0.1
              token_id: 0190b7f0c0de7a11a5c0ffee00000001
              token_name: automation
            raw:
              method: POST
              uri: /client/v4/accounts/0190b7f0c0de7a11a5c0ffee00000002/access/service_tokens
              status_code: 201
              user_agent: curl/7.88.1
              cf_ray_id: 0123456789abcdef-ORG
            resource:
              id: 0190b7f0-c0de-7a11-a5c0-ffee00000001
              type: service_token
              product: access
              scope: accounts
              request: {name: ci}
              response: {}
        result_info: {count: 1, cursors: {after: ''}}
    ProductCategoryList:
      value:
        success: true
        errors: []
        messages: []
        result:
          - label: Zero Trust
            value: zero_trust
            products: [{label: Access, value: access}]
        result_info: {count: 1, total_count: 1}
    AuditIntegrity:
      value:
        success: true
        errors: []
        messages: []
        result:
          rows: 1204
          head_hash: bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb
          first_broken_id: null

"""#,
].joined()

    /// What this program is, for people.
    package static let readMe: String = ###"""
# orgd

A self-hosted control plane for zero-trust access: organizations hold accounts, accounts hold applications, policies and
identity providers, and one primary identity provider serves every account of an organization through a bridge.

The REST API is wire-compatible with the Cloudflare v4 API for the resources it models, so the SDKs and scripts that people
already have keep working when they change one base URL. One binary, one SQLite file, no dependencies beyond OpenSSL and
SQLite of the system.

## Try it in a minute

On Debian or Ubuntu with [Swift 6.2 or newer](https://www.swift.org/install/linux):

```
make demo     # builds, then tells the whole story on a temporary database
make test     # proves it
```

`make demo` starts `orgd` with a local OpenID Connect provider, creates an organization, names a primary identity provider,
provisions accounts from a CSV file, shows that each one received its bridge in the same transaction, gets a real signed ID
token, validates it, and verifies the audit log. It prints each command before it runs it. On a terminal it then waits: open the
address that it prints, sign in with the token beside it, and do the same with the mouse in [the console](#the-console).

## A tour in five minutes

Start the server and a development identity provider, with data in `./data` (ends with Ctrl-C):

```
make run
```

In another terminal, say who you are. The first administrator's token was written next to the database:

```
export PATH="$PWD/.build/debug:$PATH"
orgctl login --url http://127.0.0.1:8787 --token-file data/bootstrap-token
```

An organization, and the account that will own the identity provider:

```
orgctl org create --name Acme
orgctl account create --name Headquarters --org Acme
orgctl zero-trust create --account Headquarters --name Acme --auth-domain acme.access.localhost
orgctl idp create oidc --account Headquarters --name "Acme login" --issuer http://127.0.0.1:8788 --client-id orgd
```

Make it the login of every account, now and in future:

```
orgctl primary-idp set --idp "Acme login" --account Headquarters --org Acme
```

Provision accounts. Each one has its connection from the first moment that anybody can see it:

```
printf 'name,team\nEMEA,emea\nAPAC,apac\nAmericas,amer\n' > accounts.csv
orgctl account import accounts.csv --org Acme
orgctl bridge status --org Acme
```

The same through the SDK that you may have already:

```python
from cloudflare import Cloudflare

client = Cloudflare(base_url="http://127.0.0.1:8787/client/v4", api_token=open("data/bootstrap-token").read().strip())
for account in client.accounts.list():
    print(account.name, [idp.name for idp in client.zero_trust.identity_providers.list(account_id=account.id)])
```

Keep the configuration in a file, and see what a change would do before it is done:

```
orgctl export --org Acme > org.json
orgctl plan -f org.json        # exit status 0: nothing differs; 2: something does
orgctl apply -f org.json
```

Everything that happened is in the audit log, chained by hashes:

```
orgctl audit verify --org Acme
```

## Protect an application

EMEA lets its staff in with the identity provider of the organization, and a script with a service token:

```
orgctl policy create --account EMEA --name staff --decision allow --include email_domain:example.com
orgctl service-token create --account EMEA --name backup
orgctl policy create --account EMEA --name machines --decision non_identity --include service_token:backup
orgctl app create --account EMEA --name wiki --domain wiki.localhost --policy machines --policy staff
orgctl app explain wiki --account EMEA --email alice@example.com
```

The proxy in front of the wiki asks orgd about each request: complete files for nginx, Caddy, Traefik and Envoy are in
[docs/proxies](docs/proxies/README.md). Browsers are sent to `emea.access.localhost`, over the bridge to the account that owns the
identity provider, and back; the wiki's server sees who came in `Cf-Access-Jwt-Assertion`. Follow it with
`orgctl logs --account EMEA`, end it with
`orgctl session revoke --account EMEA alice@example.com`.

## Agents

An agent is any OAuth client: an MCP client, a script, `orgctl fetch`. It finds out by itself who gives tokens, registers, sends its person
through a browser once, and acts as that person from then on: with their rights and no more, and named beside them in every log.
The API of orgd is such a resource for the members of an organization, and one switch makes an application one:

```
orgctl org member add alice@example.com --org Acme --role reader --status active
orgctl fetch http://localhost:8787/client/v4/accounts     # sign in as alice (password "password") and allow it
orgctl fetch http://localhost:8787/client/v4/accounts     # from now on nobody is asked
orgctl agents list --account Headquarters --user alice@example.com
orgctl agents revoke orgctl --account Headquarters --user alice@example.com
orgctl app oauth enable wiki --account EMEA               # nothing to change in the application
orgctl fetch http://wiki.localhost:8080/                  # through a proxy on port 8080, as above
orgctl agents list --account EMEA --app wiki
orgctl logs --account EMEA                                # who came, and through which agent
curl http://localhost:8787/.well-known/api-catalog        # where an agent begins that knows the host alone
```

How it works, and what an agent has to do: [docs/managed-oauth.md](docs/managed-oauth.md).

## The console
Open the public URL, `http://localhost:8787/` unless you set another. Sign in with an API token: what you may do is what the token
may do. Where an organization has a primary IdP, its members sign in with that and have the rights of their membership.

![The overview of an organization: coverage, drift, sign-ins by day](docs/pictures/overview-light.png)
![A policy, and whether somebody would get in](docs/pictures/policy-question-light.png)

More: [in the dark](docs/pictures/overview-dark.png), [on a phone](docs/pictures/overview-narrow.png),
[accounts](docs/pictures/accounts-light.png), [primary IdP](docs/pictures/primary-idp-light.png),
[an application](docs/pictures/application-light.png), [the access log](docs/pictures/access-log-light.png). `make screenshots`
makes them from the demo's data.

- **Overview**: how many accounts use the primary IdP, what has drifted with a button that mends it, sign-ins by day, latest changes.
- **Primary IdP**: paste the issuer's URL. It is discovered and tested before anything is saved; enforcing shows first what it would
  switch off.
- **Accounts**: search, create, bridge with one click, move and delete with a preview; identity providers with a test, members.
- **Applications**: who gets in, in which order, and the answer to “would this person get in?”; managed OAuth with one click.
- **Policies and groups**: written row by row and tried before they are saved. **Service tokens**: made and rotated, secrets shown once.
- **Agents, users, access log**: which program acts for whom, who is signed in, who came; taken back or ended with a click.
- **Audit log**: filters, the fields of a resource before and after, export as CSV or NDJSON.

A session ends after 30 minutes without a request, after twelve hours, and with its credential. What the console does has the same
checks as the API and leaves the same row in the audit log, with the context `dash`. `is_ui_read_only` in the Zero Trust settings of
an account makes the console only show it. It needs no script; [decision 12](docs/decisions/0012-console-is-server-rendered.md) says why.

## What it is compatible with

| what | how far |
|---|---|
| `cloudflare` Python SDK 5.9 | every method of the modelled resources, counted by `Tests/Interop/test_sdk.py`; what is not modelled is listed with its reason in `Tests/Interop/sdk_surface.py` |
| Cloudflare v4 REST API | organizations, accounts, members, roles, API tokens, Zero Trust organizations, identity providers, federation grants, resource shares, Access applications, policies, groups, tags, custom pages, service tokens, keys, users, seats, entitlements, audit logs v2 |
| OpenAPI 3.1 | `openapi.yaml`, served at `/openapi.yaml`; routes and document are compared by a test in both directions |
| RFC 9727, RFC 7763 | `/.well-known/api-catalog`, announced by `Link` at `/`; this file at `/` and the documentation at `/docs/…` as Markdown |
| OpenID Connect | ID tokens of generic OpenID Connect providers, Okta, Entra ID, Google, Google Workspace, OneLogin, PingOne and Centrify: discovery, key sets, RS/PS/ES 256–512, EdDSA |
| Prometheus | `/metrics`, text format |
| not modelled | mTLS certificates, infrastructure targets, SAML certificates, DNS over HTTPS, risk scoring, billing, everything of zones: a clean 404 with the codes 7003 and 7000 |
| JWT middlewares for Access | application tokens with `aud`, `iss` and the keys at `/cdn-cgi/access/certs` of the team and of the application |
| reverse proxies | forward-auth for nginx and Caddy, tried with Debian's; files for Traefik and Envoy, whose questions are tested and which were not run ([docs/proxies](docs/proxies/README.md)) |
| OAuth 2.1 clients | RFC 9728, 8414, 7591, 7636, 8707, 9207, 7009, and client id metadata documents, for applications and for the API itself |
| OpenID Connect relying parties | SaaS applications: codes with PKCE, refresh tokens, hybrid and implicit flows where they are allowed |

SAML and plain-OAuth identity providers are stored and shown, and nobody can sign in through them. Rules of the kind
`external_evaluation` ask their service when somebody is admitted, by the public wire protocol; the answer stays with the
session. Reports are not in this version.

## Configuration

A flag wins over an environment variable, which wins over the default. An unknown flag or a bad value ends the process with
exit status 64 and one line that names it.

| flag | environment | default | meaning |
|---|---|---|---|
| `--listen` | `ORGD_LISTEN` | `127.0.0.1:8787` | address and port; `[::1]:8787` works |
| `--database` | `ORGD_DATABASE` | `./data/orgd.sqlite` | SQLite file, created with mode 0600 (its folder 0700) |
| `--public-url` | `ORGD_PUBLIC_URL` | `http://localhost:<port>` | where users reach the server; absolute URLs are built from it |
| `--access-domain` | `ORGD_ACCESS_DOMAIN` | `access.localhost` | suffix of team domains: team `acme` is `acme.access.localhost` |
| `--tls-cert`, `--tls-key` | `ORGD_TLS_CERT`, `ORGD_TLS_KEY` | none | PEM files; with both set the listener speaks TLS 1.2+ |
| `--trusted-proxies` | `ORGD_TRUSTED_PROXIES` | `127.0.0.1/32,::1/128` | CIDRs whose `X-Forwarded-*` headers are believed |
| `--bootstrap-token` | `ORGD_BOOTSTRAP_TOKEN` | generated | first administrator API token of an empty database; when generated it is printed once to stderr and written to `<database folder>/bootstrap-token` (0600) |
| `--secret-key-file` | `ORGD_SECRET_KEY_FILE` | `<database folder>/secret.key` | 32 random bytes (created 0600) that encrypt secrets at rest (IdP client secrets, signing keys) |
| `--max-accounts` | `ORGD_MAX_ACCOUNTS` | `10000` | accounts an organization tree may hold |
| `--rate-limit`, `--auth-failure-limit` | `ORGD_RATE_LIMIT`, `ORGD_AUTH_FAILURE_LIMIT` | `0`, `100` | requests a second and credential (0: no limit); failed authentications a minute and address |
| `--threads` | `ORGD_THREADS` | number of cores | event loops |
| `--allowed-networks` | `ORGD_ALLOWED_NETWORKS` | none | private networks that identity providers may live in |
| `--mail` | `ORGD_MAIL` | none | where one-time PINs go: `smtp://user:password@host:587` (STARTTLS required), `smtps://host:465`, `smtp+plain://host:25` (a relay of your own, no password), `file:/folder` (one `.eml` a message); without it nobody signs in by PIN |
| `--mail-from` | `ORGD_MAIL_FROM` | `orgd@<host of the public URL>` | sender of mails |
| `--log-format` | `ORGD_LOG_FORMAT` | `text` on a terminal, else `json` | one line an event on stderr |
| `--log-level` | `ORGD_LOG_LEVEL` | `info` | `debug`, `info`, `warning`, `error` |

When the listener is ready, `orgd serve` prints one line to stdout: `orgd listening on http://127.0.0.1:8787`.

| command | what it does |
|---|---|
| `orgd serve` | runs the server; applies pending migrations first |
| `orgd migrate [--status]` | applies migrations, or only lists them |
| `orgd backup FILE` | consistent copy of the database while the server runs |
| `orgd check` | verifies the database, its foreign keys, the audit chain and the configuration |
| `orgd dev-idp` | a small OpenID Connect provider on loopback, for trying things out |
| `orgctl …` | client of the REST API; `orgctl help` |

Exit statuses of both: [docs/exit-codes.md](docs/exit-codes.md). Every error code of the API: [docs/errors.md](docs/errors.md).

## Behind nginx or Caddy

orgd speaks HTTP/1.1, and TLS when it is given a certificate. Behind a proxy, tell it where users are and whom to believe:

```
orgd serve --public-url https://orgd.example.org --trusted-proxies 127.0.0.1/32
```

nginx:

```nginx
server {
    listen 443 ssl;
    server_name orgd.example.org;
    ssl_certificate     /etc/ssl/orgd.example.org.pem;
    ssl_certificate_key /etc/ssl/orgd.example.org.key;
    client_max_body_size 1m;

    location / {
        proxy_pass http://127.0.0.1:8787;
        proxy_http_version 1.1;
        proxy_set_header Connection "";
        proxy_set_header Host $host;
        proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
        proxy_set_header X-Forwarded-Proto $scheme;
    }
}
```

Caddy:

```
orgd.example.org {
    reverse_proxy 127.0.0.1:8787
}
```

Files for the applications that orgd guards, for nginx, Caddy, Traefik and Envoy, are in [docs/proxies](docs/proxies/README.md).

## Backup and restore

```
orgd backup /backup/orgd-$(date +%F).sqlite    # while the server runs
cp data/secret.key /backup/                    # once; without it the secrets in the copy cannot be read
```

To restore, stop the server, remove `orgd.sqlite-wal` and `orgd.sqlite-shm` if they are there, put the copy and the key in
place, and start it again. `orgd check` tells whether the copy is whole. More in [docs/operations.md](docs/operations.md).

## Security model

- API tokens are random and stored only as SHA-256; a token never holds more than its creator. Each has permission groups on
  accounts or organizations, and optionally a time span and addresses.
- Secrets that must be read again (client secrets of identity providers, signing keys) are encrypted with AES-256-GCM under
  the key file. They never appear in logs, audit rows, error messages or metrics.
- Every query is scoped to an account; an account that the caller has no right on does not exist for them (404).
- Each change and each refused change writes its audit row in the same transaction. Rows are chained by SHA-256.
- Outbound requests to identity providers go to public addresses over verified TLS only; loopback is the exception, for trying
  things out.

What it defends against, and what it does not: [docs/threat-model.md](docs/threat-model.md).

## Limits

One server process on one database file; a second one is refused. 10,000 accounts in an organization tree by default
(`--max-accounts`), 1,000 applications and 500 policies an account, bodies up to 1 MiB. Linux only. HTTP/2 ends at the proxy.

## Folders, and where to read first

| folder | what |
|---|---|
| `Package.swift` | the architecture as a graph of targets; a test holds the imports to it |
| `Sources/Primitives … HTTPClient` | the base libraries: JSON, HTTP, event loops, SQLite, cryptography, JOSE, command line; none has heard of an organization |
| `Sources/Domain, Federation, Store, ControlPlane` | values and rules, identity providers, SQL, use cases and the bridge |
| `Sources/Wire, API` | JSON shapes, and the route tables of `/client/v4` |
| `Sources/orgd, orgctl` | the two programs |
| `Migrations` | the database, one plain SQL file a change |
| `Tests` | one target a library, `ArchitectureTests`, `EndToEndTests`, and `Interop` in Python |
| `docs` | architecture, threat model, operations, decisions |

Read `Package.swift`, then follow one resource downwards: service tokens, from `openapi.yaml` to
`Sources/API/Routes/ServiceTokenRoutes.swift`, `Sources/Wire/Resources/ServiceTokens.swift`,
`Sources/ControlPlane/Access/ServiceTokens.swift`, `Sources/Store/Entities/ServiceTokens.swift`,
`Sources/Domain/Access/ServiceToken.swift` and `Migrations/0003_access.sql`.

## Development

```
make help        # every command there is
make check test  # what CI runs
```

The toolchain formats and lints (`make format`, `make check`). The decisions behind the design are in
[docs/decisions](docs/decisions); what changed is in [CHANGELOG.md](CHANGELOG.md).

## License

Apache License 2.0, see [LICENSE](LICENSE).

"""###

    /// The pages of documentation, by their names.
    package static let documentation: [String: String] = [
        "architecture": ###"""
# Architecture

One process, one SQLite file. Requests are read and answered on event loops; every change goes through one writer, in one
transaction with its audit row.

```mermaid
flowchart TB
    subgraph clients
        sdk["SDK, scripts, orgctl"]
        people["browsers of people"]
        proxy["nginx, Caddy, Traefik, Envoy<br/>in front of applications"]
    end
    subgraph process["orgd"]
        direction TB
        subgraph edge["edges: bytes to use cases and back"]
            loops["HTTPServer on EventLoops<br/>one loop a thread, a task a connection"]
            portal["Portal: sign-in, hand-over,<br/>forward-auth"]
            console["Console: pages for<br/>administrators"]
            api["API: routes, credentials, paging<br/>Wire: JSON shapes"]
        end
        subgraph domain["domain"]
            plane["ControlPlane: use cases, bridge,<br/>authorization, audit"]
            rules["Domain: values and rules"]
            federation["Federation: discovery, key sets,<br/>validation of ID tokens"]
        end
        subgraph store["Store"]
            readers["a read-only connection<br/>and snapshot a loop"]
            writer["one writer thread,<br/>group commit"]
        end
    end
    file[("SQLite file<br/>WAL")]
    idp["identity providers"]
    sdk -- "HTTP/1.1, TLS" --> loops --> portal --> console --> api
    people --> loops
    proxy -- "may this request go on?" --> loops
    portal -- "gate, login" --> plane
    console -- "use cases" --> plane
    portal -- "reads" --> readers
    api -- "reads, without suspending" --> readers --> file
    api -- "writes" --> plane --> writer --> file
    plane --- rules
    api --> federation
    federation -- "HTTPClient: deadlines, size limits,<br/>address rules, verified TLS" --> idp
```

## Layers

`Package.swift` is the list: every target names what it may import, only from above itself, and `Tests/ArchitectureTests` holds
the sources to it.

| layer | targets | knows |
|---|---|---|
| C module maps | `CLinux`, `COpenSSL`, `CSQLite` | nothing; each is imported by one target |
| base libraries | `Primitives`, `JSON`, `Telemetry`, `CommandLine`, `Crypto`, `JOSE`, `SQLite`, `EventLoops`, `HTML`, `HTTP`, `Mail`, `HTTPServer`, `HTTPClient` | their RFC or C library, never an organization |
| domain | `Domain`, `OAuth`, `Federation`, `Store`, `ControlPlane` | organizations, accounts, the bridge; neither routes nor sockets |
| edges | `Wire`, `Mending`, `API`, `Portal`, `Console`, `APIClient`, `DevIdP` | JSON shapes, routes, the client's side of them |
| programs | `orgd`, `orgctl`, `embed` | flags and wiring |

## One request

1. A loop reads the head into the connection's buffer and parses it there. Framing that is not strict RFC 9112 is refused, and
   the connection closed.
2. `Router` finds the route: a row of a table with operationId, permission and handler. `openapi.yaml` has the same rows.
3. The credential is looked up by its SHA-256 in the loop's cache, then in the database. The cache is dropped when the
   generation of credentials moves, which happens in the transaction that changes one.
4. The permission of the route is checked on the account or organization of the path. What the caller has no right on at all is
   not there for them (404).
5. A read runs at once on the loop, from a snapshot that is at least as new as the last acknowledged write. Long reads go to
   another thread. A write is a unit of work for the writer.
6. The writer drains its queue, opens a transaction, runs each unit inside a savepoint together with its audit row and its
   idempotency record, commits once, and only then resumes the requests. One `fsync` serves all of a burst.

## The bridge

An account's *connection* exists exactly while a grant, a share, a recipient and membership in the same organization tree hold.
`ControlPlane/Bridge` recomputes the connections of the accounts that a request touches, in that request's transaction; no read
can see an account of an organization without its connections. Removing or moving something can end connections: `?preview=true`
runs the same use case inside a savepoint that is rolled back, and answers what would end.

## Signing in

`Portal` answers on team hosts and, below `/cdn-cgi/access/`, on the hosts of applications; the rest is the API's. It holds no
rule: `ControlPlane/Login` begins, finishes and hands over sign-ins, `ControlPlane/Gate` decides for proxies, both with the policy
engine of `Domain/Decisions`, a pure function of policies and visitor. A request through a proxy, step by step:

1. The proxy asks `…/forward-auth` and describes the request. Descriptions that two readers could understand differently are 400.
2. The place finds the application: most specific host, then longest path. Its policies are compiled once and kept until
   anything changes ([decision 9](decisions/0009-decisions-are-forgotten-on-any-change.md)).
3. The cookie's SHA-256 finds the token's row with session and key ([decision 8](decisions/0008-sessions-are-rows.md)); the
   policies judge the identity as it was at login together with the request as it is now.
4. Without a good token the browser goes to the team's host, from there over the bridge to the source account
   ([decision 10](decisions/0010-identities-cross-the-bridge-in-the-database.md)) and to the identity provider, and comes back with
   a one-time value for which the application's host gets its cookie.

## The console
`Console` answers on the public URL's host what no other edge has. It is no client of the API: `ConsoleRoute` names a right as
`API/Core/Route` does, a form becomes the same draft by the same decoder of `Wire`, and the same use case runs with the same
audit row, whose `context` is `dash`. [Decision 12](decisions/0012-console-is-server-rendered.md) says why pages are made here.

## SaaS applications
A SaaS application is an OpenID Connect client, and the team's host its provider: `Sources/Portal/OIDC` answers below the issuer
`https://<auth_domain>/cdn-cgi/access/sso/oidc/<client_id>`, `Sources/ControlPlane/SaaS` decides, `Sources/OAuth` holds the rules of codes,
refresh tokens, PKCE, redirect URIs and client authentication as plain values. One row in `oidc_grants` is one authorization;
deleting it ends its code and every token that came of it.

- A request that needs a login leaves for the identity provider and comes back to the authorization endpoint, with a signed note
  of when it left: that is how `prompt=login` and `max_age` tell a fresh login from an old session.
- A refresh judges the policies again, with the identity of the login and the address it came from. A refresh token that comes a
  second time ends the whole authorization; there is no grace, because these clients are servers.
- `response_mode=form_post` shows a page with a Continue button. Our pages run no script, so nothing sends the form by itself.
- Refresh tokens come with every code where the application has the grant type `refresh_tokens`, whether or not it asks for
  `offline_access`.
- A policy that asks for a purpose or an approval refuses people at SaaS applications: those questions belong to the way to an
  application's own host.

## What the database guarantees

`Migrations/*.sql` holds one decision a file, forward only. Tables are STRICT; identifiers are 16-byte blobs that sort by
creation; instants are microseconds since 1970; `version` counts the committed writes of a row and is its ETag. Uniqueness and
references are constraints, not checks in code. What behaves has a column of its own; the rest of a resource is a JSON document
that only our writer produced and that answers splice as it is.

## Where to look

| question | place |
|---|---|
| which routes are there | `openapi.yaml`, `Sources/API/Routes/AllRoutes.swift` |
| who may do what | `Sources/Domain/Principals`, `Sources/API/Core/APIHandler+Authorize.swift` |
| what a transaction consists of | `Sources/ControlPlane/Core/Plane+Perform.swift` |
| how a token is validated | `Sources/Federation` |
| how a policy decides | `Sources/Domain/Decisions/PolicyEngine.swift` |
| how people sign in | `Sources/ControlPlane/Login/LoginDesk.swift`, `Sources/Portal/PortalHandler.swift` |
| what a proxy is told | `Sources/ControlPlane/Gate/Gatekeeper.swift`, `Sources/Portal/ForwardAuth.swift` |
| how an error becomes an answer | `Sources/Domain/Errors`, [errors.md](errors.md) |

"""###,
        "benchmarks": ###"""
# Benchmarks

Nothing here is a test: `make test` never measures time. The figures are ratios of two servers that were loaded in turn in one
run, because rates alone change with the machine and the hour.

## How to repeat them

```
make bench
```

builds a release, loads `orgd` and what any reader can install beside it (nginx `return 200`, a bare SQLite loop, `openssl
speed`, Apache with mod_auth_openidc), and prints one table for each part. `python3 bench/run.py --help` lists the parts;
`--peer BINARY` compares with another server of the same shape. It needs wrk, nginx, taskset and a C compiler. The server runs
on the first CPU with one event loop, the load on the second, everything on the loopback interface.

## Figures

Two virtual CPUs (AMD EPYC), Linux 6.18, Swift 6.3.1, SQLite 3.40, 64 connections, rounds of three seconds in turns, on a machine
that did other work meanwhile (load average 6 to 13). The peer is a server of the same shape on Hummingbird 2.28 and GRDB 7.10.
The health rows were measured twice, and both are given: the disturbed one shows how far such a machine can move a rate. The
others come from the first run alone.

| request / other | orgd/s | other/s | ratio | CPU µs per request | p99 ms | spread |
|---|---:|---:|---:|---:|---:|---:|
| health / nginx `return 200`, first run | 140,749 | 141,258 | 1.00 | 7.0 / 6.9 | 0.55 / 0.55 | 1.01 / 1.01 |
| the same, second run, disturbed | 46,229 | 51,323 | 0.90 | 7.5 / 7.0 | 30.80 / 12.02 | 1.18 / 1.39 |
| health / peer, constant JSON, first run, disturbed | 67,697 | 21,528 | 3.14 | 9.0 / 45.7 | 6.99 / 7.14 | 2.23 / 1.16 |
| the same, second run | 138,493 | 25,078 | 5.52 | 7.2 / 39.9 | 0.60 / 6.62 | 1.22 / 1.05 |
| read one application, authorized / peer, plain | 46,800 | 3,530 | 13.26 | 21.3 / 283 | 1.79 / 20.4 | 1.01 / 1.01 |

Forward-auth, with one application that people and a service token may open (three rounds of three seconds in turns; Apache
verifies the RS256 token of each request and finds no session; `make bench` prints this as the part `gate`):

| answer / other | orgd/s | other/s | ratio | CPU µs per request | p99 ms | spread |
|---|---:|---:|---:|---:|---:|---:|
| session cookie / nginx `return 200` | 49,269 | 140,872 | 0.35 | 20.2 / 6.9 | 1.78 / 0.47 | 1.02 / 1.02 |
| session cookie / Apache mod_auth_openidc | 48,960 | 9,452 | 5.18 | 20.3 / 105 | 1.63 / 78.2 | 1.01 / 1.04 |
| service token / nginx `return 200` | 61,969 | 141,475 | 0.44 | 16.1 / 6.9 | 1.78 / 0.48 | 1.01 / 1.01 |
| service token / Apache mod_auth_openidc | 60,037 | 9,651 | 6.22 | 16.5 / 103 | 1.84 / 70.6 | 1.00 / 1.05 |
| denied, 403 with a page / nginx `return 200` | 26,190 | 141,408 | 0.19 | 38.1 / 6.9 | 2.94 / 0.93 | 1.00 / 1.00 |
| nobody yet, 302 with a signature / nginx `return 200` | 2,997 | 140,853 | 0.02 | 332 / 7.0 | 25.7 / 0.92 | 1.04 / 1.25 |

Agents (the part `agents`; three rounds of three seconds in turns, load average 1 to 2): a token of managed OAuth costs what a session
cookie costs.

| answer / other | orgd/s | other/s | ratio | CPU µs per request | p99 ms | spread |
|---|---:|---:|---:|---:|---:|---:|
| token of an agent / session cookie | 43,860 | 45,618 | 0.96 | 22.5 / 21.9 | 2.42 / 1.82 | 1.20 / 1.03 |
| token of an agent / nginx `return 200` | 41,919 | 136,269 | 0.31 | 22.4 / 7.1 | 2.49 / 0.61 | 1.19 / 2.04 |

The whole way to such a token, for one person who has signed in before, each step alone on one connection, 150 times (15 registrations,
which are limited to 20 a minute and address). CPU of all threads as the scheduler counts it; what waits is mostly the disk, because
what a step promises is durable before it is answered:

| request | CPU µs per request | p50 ms | p99 ms |
|---|---:|---:|---:|
| register | 323 | 0.57 | 1.32 |
| authorize, up to the page that asks | 219 | 0.37 | 0.44 |
| consent, up to the code | 533 | 0.84 | 1.23 |
| code to tokens | 583 | 0.90 | 1.22 |
| first request with the token | 556 | 0.73 | 1.01 |
| refresh | 479 | 0.73 | 1.29 |
| all of them | 2,693 | 4.13 | |

The first request signs the assertion that the application gets (RSA, 0.3 ms); it serves for half a minute.

| quantity | orgd | peer | share |
|---|---:|---:|---:|
| resident memory, idle, MB | 18.4 | 31.6 | 0.58 |
| memory of an idle connection, kB | 0.3 | 17.3 | 0.02 |
| start to first answer, ms, median of 7 | 17.2 | 28.0 | 0.62 |

| accounts | list of 50: statements, ms | coverage, first page | coverage of one account |
|---|---|---|---|
| 1,000 | 5, 1.1 | 12, 13 | 9, 2.2 |
| 10,000 | 5, 4.7 | 12, 92 | 9, 2.2 |

The number of statements does not grow with the number of accounts.

## Not yet good enough

CPU per request, which a busy machine disturbs less than rates. For the first two rows "before" is
the state before the writer remembered anything, for the others the state before responses left together (three rounds of three
or four seconds, medians, lowest and highest in brackets where they were kept; the last rows on a machine that did little else):

| request | before, µs | orgd, µs | peer, µs | ratio |
|---|---:|---:|---:|---:|
| list of 50 applications | 260 [257–260] | 261 [257–262] | 2,468 [2,342–2,485] | 9.5 |
| verify RS256, a token seen before | 18.3 [17.2–19.5] | 12.5 [12.4–13.4] | 112 [110–113] | 8.9 |
| verify RS256, a new token each time | 61 [60–63] | 46 [45–47] | 111 | 2.4 |
| durable create, 64 connections | 105 | 92 | 193–206 | 2.1 (in rate 1.7–1.8) |
| durable create, 1 connection | 341 | 327 | 353–357 | 1.1 (in rate 0.8) |

Peak resident memory while creating: 24.6 to 25.4 MB against 34.7 to 36.1 (0.70). Idle: 18.2 against 31.4 (0.58).

- **Durable creates** miss 3 at 64 connections and 1.2 at one. Of the writer's time at 64 connections, a third is COMMIT: each create
  touches two pages that no other create of its group touches (the indexes of its account), and SQLite writes a page with two
  system calls. The row of the audit chain is a quarter, decoding the request a tenth, the application and its destination
  a sixth. At one connection two thirds are COMMIT, more than half of that `fdatasync`: in rate the peer is ahead there (2,557 to
  1,968 a second in quiet rounds, 352 to 468 µs at the median).
- **A new token** costs one RSA verification (20 µs with what OpenSSL does around it), a request (7 µs), and the reading of two
  JSON documents. Until responses left together, 12 µs more went into waking the client for each.
- **Forward-auth with a cookie** costs 20 µs where 15 were meant. An earlier profile gave two fifths to the system call that sends and
  a third to the portal: reading the description, the cookies and the answer's fields. The RSA signature of the login address
  is nearly all of a 302.
- **Memory, idle**: 15.7 of 18.2 MB are mapped files, half of them the program's own text; the Swift standard library is 4 MB of it,
  its regular expressions 0.9, libstdc++ another 1.1.

"""###,
        "errors": ###"""
# Error codes

Every failure is an envelope with all problems found, at most 20, ordered by pointer:

```json
{"success":false,"errors":[{"code":12130,"message":"access.api.error.invalid_request: domain is required",
 "documentation_url":"/docs/errors#12130","source":{"pointer":"/domain"}}],"messages":[],"result":null}
```

Clients may match the code and the token before the colon, never the sentence after it. `source.pointer` is a JSON pointer into
the body, `?name` for a query parameter or `#name` for a header. Final 4xx answers carry `x-should-retry: false`; 429, 503 and
21906 do not, and say in `Retry-After` when to try again. Every answer has a `cf-ray`, which the log and the audit log have too.

## Credentials and routes

| code | status | token | when |
|---:|---|---|---|
| <a id="1000"></a>1000 | 401 | `Invalid API Token` | `tokens/verify` with a value that is no token |
| <a id="1002"></a>1002 | 403 | `accounts.api.error.forbidden` | account creation not permitted for the caller |
| <a id="6003"></a>6003 | 400 | `Invalid request headers` | header shape; `error_chain` 6111 `Invalid format for Authorization header`, 6103 for `X-Auth-Key` |
| <a id="6103"></a>6103 | 400 | `Invalid format for X-Auth-Key header` | in `error_chain` of 6003: global keys are not modelled; send `Authorization: Bearer <API token>` |
| <a id="6111"></a>6111 | 400 | `Invalid format for Authorization header` | in `error_chain` of 6003: the header must read `Bearer <token>` |
| <a id="7000"></a>7000 | 404 | `No route for that URI` | second item beside 7003 |
| <a id="7003"></a>7003 | 404 | `Could not route to <path>, perhaps your object identifier is invalid?` | unknown path, or an identifier of the wrong shape |
| <a id="9106"></a>9106 | 400 | `Missing X-Auth-Key, X-Auth-Email or Authorization headers` | no credentials |
| <a id="9109"></a>9109 | 403 | `Invalid access token`, `Unauthorized to access requested resource`, `Cannot use the access token from location: <ip>` | expired/disabled token, wrong scope, address condition |
| <a id="9999"></a>9999 | 403 | `access.api.error.not_enabled` | account has no Zero Trust organization yet; every `/access/*` call except `POST /access/organizations` |
| <a id="10000"></a>10000 | 401/403 | `Authentication error` | unknown credentials (401) or missing permission (403); as a **message** item with 200 it means "This API Token is valid and active" |
| <a id="10001"></a>10001 | 405 | `Method not allowed` | the path exists, the method does not; `Allow` lists those that do |

## Access

| code | status | token | when |
|---:|---|---|---|
| <a id="12130"></a>12130 | 400 | `access.api.error.invalid_request` | any invalid Access input; known texts: `app type is missing or invalid`, `domain does not belong to zone`, `domain can not have a path if oauth is configured`, `tags contain a tag that does not exist, tags must be created before assigning to an application` |
| <a id="12132"></a>12132 | 409 | `access.api.error.conflict` | `application already exists`, `destination belongs to another application`, `a onetimepin connection already exists`, `certificate has active associations`, resource in use |
| <a id="12135"></a>12135 | 404 | `access.api.error.not_found` | Access app, policy, group, IdP, token, user, tag, page, grant |
| <a id="12136"></a>12136 | 403 | `access.api.error.read_only` | write to a `read_only` IdP or with `is_ui_read_only` set from the console |

## Organizations, accounts, members, tokens

| code | status | token | when |
|---:|---|---|---|
| <a id="21000"></a>21000 | 400 | `organizations.api.error.invalid_request` | a field of an organization, its profile or its members is wrong; the pointer says which |
| <a id="21001"></a>21001 | 404 | `organizations.api.error.not_found` | no such organization, or not visible to the caller; also: no primary IdP is designated |
| <a id="21002"></a>21002 | 409 | `organizations.api.error.not_empty` | delete with sub-organizations, accounts or members other than the caller |
| <a id="21003"></a>21003 | 409 | `organizations.api.error.cycle` | parent would be itself or a descendant |
| <a id="21004"></a>21004 | 409 | `organizations.api.error.limit` | more accounts than `--max-accounts` (default 10,000 an organization tree; the public service stops at 500), depth > 8, > 100 sub-organizations |
| <a id="21005"></a>21005 | 409 | `organizations.api.error.last_administrator` | removing the last Organization Super Administrator |
| <a id="21010"></a>21010 | 400 | `accounts.api.error.invalid_request` | a field of an account is wrong |
| <a id="21011"></a>21011 | 404 | `accounts.api.error.not_found` | no such account, or not visible to the caller |
| <a id="21012"></a>21012 | 409 | `accounts.api.error.in_use` | delete while it is the source of a grant |
| <a id="21020"></a>21020 | 400 | `members.api.error.invalid_request` | unknown role, policies and roles both given |
| <a id="21021"></a>21021 | 409 | `members.api.error.conflict` | already a member; last Super Administrator |
| <a id="21030"></a>21030 | 400 | `tokens.api.error.invalid_request` | unknown permission group, resource outside the account, expiry in the past |
| <a id="21031"></a>21031 | 403 | `tokens.api.error.escalation` | token would hold more than its creator |

## Bridge and shares

| code | status | token | when |
|---:|---|---|---|
| <a id="21100"></a>21100 | 409 | `bridge.api.error.no_organization` | account is in no organization |
| <a id="21101"></a>21101 | 409 | `bridge.api.error.not_federable` | type `onetimepin` or `cloudflare`, or itself a bridged connection |
| <a id="21102"></a>21102 | 409 | `bridge.api.error.limit` | a sixth grant in one account |
| <a id="21103"></a>21103 | 409 | `bridge.api.error.exists` | second grant for one IdP |
| <a id="21104"></a>21104 | 409 | `bridge.api.error.idp_has_grant` | deleting a source IdP that has a grant |
| <a id="21105"></a>21105 | 409 | `bridge.api.error.is_primary` | deleting the grant/IdP/account that is the designated primary |
| <a id="21106"></a>21106 | 409 | `bridge.api.error.no_primary` | one-click bridge with no primary designated |
| <a id="21107"></a>21107 | 403 | `bridge.api.error.enforced` | enforcement refuses an IdP, an `allowed_idps` or a `login_method` |
| <a id="21200"></a>21200 | 400 | `shares.api.error.invalid_request` | both recipient fields, unknown type, empty lists |
| <a id="21201"></a>21201 | 409 | `shares.api.error.other_organization` | recipient outside the source account's organization |
| <a id="21202"></a>21202 | 409 | `shares.api.error.conflict` | resource already in a share, recipient listed twice |

## Entitlements and token validation

| code | status | token | when |
|---:|---|---|---|
| <a id="21320"></a>21320 | 403 | `entitlements.api.error.exceeded` | seats or a feature beyond the plan |
| <a id="21400"></a>21400 | 400 | `tokens.validate.error.invalid_request` | validation endpoint body (a bad *token* is 200, see 40) |

## Requests and the server

| code | status | token | when |
|---:|---|---|---|
| <a id="21900"></a>21900 | 413 | `request.too_large` | the body is larger than 1 MiB |
| <a id="21901"></a>21901 | 400 | `request.malformed_json` | the body is not UTF-8 JSON, repeats a member, nests deeper than 32, or has trailing bytes |
| <a id="21902"></a>21902 | 400 | `request.invalid_parameter` | a query parameter, cursor, page token or `Idempotency-Key` is wrong; the pointer is `?name` or `#name` |
| <a id="21903"></a>21903 | 415 | `request.unsupported_media_type` | `Content-Type` is not `application/json` |
| <a id="21904"></a>21904 | 412 | `request.precondition_failed` | the resource is no longer the one that `If-Match` names: read it again |
| <a id="21905"></a>21905 | 422 | `request.idempotency_mismatch` | the `Idempotency-Key` was used with another body |
| <a id="21906"></a>21906 | 409 | `request.idempotency_in_progress` | the first request with this `Idempotency-Key` still runs: try again after `Retry-After` |
| <a id="21907"></a>21907 | 429 | `request.rate_limited` | too many requests, or too many failed authentications from this address: wait for `Retry-After` |
| <a id="21998"></a>21998 | 503 | `server.unavailable` | shutting down, database busy, disk full or write error: try again after `Retry-After` |
| <a id="21999"></a>21999 | 500 | `server.internal` | a bug; the log has the `cf-ray` of the answer |

"""###,
        "exit-codes": ##"""
# Exit statuses

Both programs use the numbers of `sysexits.h` where one fits. `orgctl exit-codes` prints its own.

| status | name | `orgd` | `orgctl` |
|---:|---|---|---|
| 0 | ok | done; after SIGTERM or SIGINT too | done; for `plan`: nothing differs |
| 1 | failure | `check` found something, `migrate` could not go on | the server refused, some rows of an import failed, or the answer to a question was no |
| 2 | difference | | `plan` found a difference |
| 64 | usage | unknown command, flag or bad value, named in one line | wrong flags or arguments, or no token |
| 65 | data | | a file was read and is not valid |
| 66 | no input | `backup`: the database cannot be opened | a file cannot be read |
| 69 | unavailable | | the server cannot be reached |
| 70 | software | event loops cannot be started | |
| 73 | cannot create | another server runs on this database, or the address cannot be listened on | a file cannot be written |
| 74 | input or output | the database or a file cannot be opened, read or written | |
| 75 | temporary | | the server is busy or asks for slower requests, and still did after the retries |
| 76 | protocol | | `fetch`, `access`: what a server publishes contradicts itself or is not safe |
| 77 | no permission | | the token is unknown, expired, or not allowed to do this |
| 78 | configuration | the database is newer than the program; the key file is missing or of the wrong size | |

"""##,
        "managed-oauth": ###"""
# Managed OAuth

With managed OAuth on, orgd is the OAuth 2.1 authorization server of an application. A program — an MCP client, a command line
tool, an agent — finds out by itself where to ask, registers, sends its person through a browser once, and then acts *as that person*:
with their rights and no more, and named in every log row and every request that reaches the application.

```
orgctl app oauth enable wiki --account EMEA
orgctl agents list --app wiki --account EMEA
orgctl agents revoke --user ann@example.org <grant> --account EMEA
```

## What a program does
1. It asks for something and gets 401 with `WWW-Authenticate: Bearer … resource_metadata="…"`.
2. It reads that document (RFC 9728), and the metadata of the authorization server named there (RFC 8414).
3. It registers (RFC 7591), or is known by the https URL of a document that describes it (client ID metadata documents).
4. It sends the person to the authorization endpoint with PKCE S256 and `resource`. The person signs in as for the application itself, the
   application's policies are judged, and the person is asked. The answer carries `code`, `state` and `iss` (RFC 9207).
5. It exchanges the code for an access token and a refresh token, and sends `Authorization: Bearer oauth:…` with each request.

The proxy must hand `/.well-known/oauth-*` and `/cdn-cgi/access/*` on the application's host to orgd; the files in `docs/proxies` do.

## The control plane's own API
`/client/v4` is a resource of its own, as soon as an organization has a primary identity provider: its members can let a program
use the API as them, without an API token. The public URL is the issuer; the person signs in at the team of the account that holds
the primary identity provider, and is asked there. Where several organizations have one, the person first names the team.

```
orgctl fetch https://orgd.example.org/client/v4/accounts
```

| | |
|---|---|
| rights | those of an ID token of the primary identity provider: what the person's memberships in the tree of the organization give, looked up at every request. Who is removed takes the program along |
| tokens | 15 minutes, and a day from consent; good at `/client/v4` and nowhere else, as those of applications are nothing there |
| clients | register at the public URL, or are known by a document; answers go to the person's own machine only |
| audit | `context: oauth`, the person as the actor, and `oauth_client_id` and `oauth_client_name` beside them |
| without a token | 401, and the 400 of requests without any credentials, carry `WWW-Authenticate: Bearer … resource_metadata="…"`; their bodies are those of the v4 API |
| end | at `/oauth/grants` of the team, and by `orgctl agents list` and `revoke` with `--user` in that account |

## Rules worth knowing
| | |
|---|---|
| tokens | opaque; bound to one application; the access token lasts 15 minutes unless `grant.access_token_lifetime` says otherwise |
| refresh | each use replaces the token. An old one ends the whole grant, except that a lost answer is repeated for 10 seconds |
| end of a grant | `grant.session_duration` after consent, at most 730 hours; earlier when the person or an administrator takes it back, when they lose the application, their seat or their identity provider, and when managed OAuth is switched off |
| policies | judged at consent, at each refresh and at each use, with the identity of the consent and the address of the request. A policy that asks for a reason or an approval admits no program: those are for one visit of a person. At consent and refresh nobody sees the program's requests, so that rules about client certificates and tokens of other applications cannot be evaluated there: they admit nobody and exclude everybody |
| consent | remembered for a person, a client and an application; programs on the person's own machine are asked about each time |
| redirect URIs | `http://127.0.0.1`, `http://[::1]` and `http://localhost` with any port unless switched off; anything else must be listed in `allowed_uris` |
| people | see and end what acts for them at `/oauth/grants` of the team's host |

The application receives `Cf-Access-Jwt-Assertion` as always, with `act`, `azp`, `oauth_client_name` and `grant_id`, and the fields
`Cf-Access-Oauth-Client-Id` and `Cf-Access-Oauth-Client-Name` (percent-encoded).

"""###,
        "operations": ###"""
# Operations

## Install

```
make install                                   # binaries, completions, systemd unit below /usr/local
install -d /etc/orgd
printf 'ORGD_PUBLIC_URL=https://orgd.example.org\nORGD_ACCESS_DOMAIN=access.example.org\n' > /etc/orgd/orgd.env
systemctl daemon-reload && systemctl enable --now orgd
journalctl -u orgd                             # the first start prints where the administrator's token is
```

The unit runs orgd as a dynamic user with `/var/lib/orgd` as its only writable folder. TLS certificates go there too, or TLS ends
at a proxy (README). `systemctl reload orgd` sends SIGHUP, which loads a renewed certificate.

## The first administrator

An empty database gets one user, `admin@localhost`, with a token that holds every right. It is in `bootstrap-token` beside the
database. Make tokens of your own, then delete it:

```
orgctl login --url https://orgd.example.org --token-file /var/lib/orgd/bootstrap-token
orgctl token create --help
rm /var/lib/orgd/bootstrap-token
```

## Is it well?

| ask | answer |
|---|---|
| `curl -fsS localhost:8787/healthz` | the process answers |
| `curl -fsS localhost:8787/readyz` | the database is writable and migrated; 503 with the reason otherwise |
| `curl -fsS localhost:8787/metrics` | requests by status, latencies, connections, database times, key refreshes |
| `orgd check` | database, foreign keys, audit chain, configuration; exit status 1 names what is wrong |
| `orgctl bridge status --org NAME` | which accounts use the primary identity provider, and what drifts from it |

Every answer has a `cf-ray`; the log and the audit log name the same id.

## Backup and restore

`orgd backup FILE` makes a consistent copy while the server runs. Keep `secret.key` apart from the copies: together they are the
whole server, and a copy without its key cannot show the secrets of identity providers.

```
orgd backup /backup/orgd-$(date +%F).sqlite --database /var/lib/orgd/orgd.sqlite
```

Restore:

```
systemctl stop orgd
cp /backup/orgd-2026-03-02.sqlite /var/lib/orgd/orgd.sqlite
rm -f /var/lib/orgd/orgd.sqlite-wal /var/lib/orgd/orgd.sqlite-shm
chown --reference=/var/lib/orgd/. /var/lib/orgd/orgd.sqlite /var/lib/orgd/secret.key
orgd check --database /var/lib/orgd/orgd.sqlite
systemctl start orgd
orgctl bridge status --org NAME --fix          # shows and mends what an old copy lacks
```

## Upgrade

Stop, replace the binary, start. Pending migrations run first, each in one transaction, after a copy to
`<database>.before-NNNN`. A process that is killed in between goes on at the next start. A database that a newer version has
migrated is refused and named; go back with the copy, or forward with the newer binary. `orgd migrate --status` lists both sides.

## When something goes wrong

| what you see | why | what to do |
|---|---|---|
| exit status 73 | a second `orgd serve` on the same file, or the address is taken; the line names it | stop one of them |
| exit status 64 | a flag or variable is wrong; the line names it | correct it |
| exit status 78, `secret.key` is named | the key file is missing or is not the one | put the right one back; without it, enter the client secrets anew in a restored copy with a new key |
| 503 21998 | disk full, database busy for 5 s, or stopping | make room: the server serves again by itself |
| 503 on `/readyz` | as its text says | |
| 429 21907 for every request of an address | too many failed authentications from there | correct the token; it ends after a minute |
| 403 9109 | the token has expired, is disabled, or is used from an address that it forbids | |
| 404 for something that exists | the caller has no right to read it | give the token the Read group |
| `idp_unreachable` in validations | the provider's keys cannot be fetched, and none are cached | `orgctl idp test NAME --account NAME` |

## Sizes

The database grows by about 1 kB for a row and its audit row. Audit rows are kept 18 months by default. The `-wal` file is
normally below 50 MB; a long backup can let it grow.

"""###,
        "threat-model": ###"""
# Threat model

## What is protected

| asset | where it is | how |
|---|---|---|
| the right to change access | API tokens, ID tokens of members | tokens random, 40 characters of 62, stored as SHA-256; escalation refused (21031) |
| secrets of identity providers, signing keys | database | AES-256-GCM under the key file, which is not in the database or its backups |
| separation of accounts | every row has its account | every query is scoped; a generated test tries every route with a stranger's token |
| the record of what happened | audit log | written in the same transaction, append-only, chained by SHA-256 |
| availability for the others | the process | limits on heads, bodies, time and rate; no client can hold a loop |

## Who attacks, and what meets them

| attacker | tries | answer |
|---|---|---|
| anyone on the network | guess tokens | 238 bits of randomness; `--auth-failure-limit` failures a minute and address, then 429 |
| | smuggle requests past a proxy | strict framing: conflicting or repeated lengths, `Transfer-Encoding` beside `Content-Length`, obs-fold, bare CR or LF are 400 and the connection closes |
| | exhaust the server | 32 KiB of head, 1 MiB of body, deadlines for head, body and idle connections; JSON depth 32 |
| | forge `X-Forwarded-For` | believed only from `--trusted-proxies` |
| | steal or replay a sign-in | `state`, PKCE and nonce, single use, ten minutes, tied to a cookie of the browser that began; hand-over values of 60 seconds tied to a cookie of the application's host |
| | send people elsewhere (open redirect) | targets are paths of the host that was asked for, signed by this server; everything else is refused |
| | pass identity headers to an application | answers to the proxy always carry every identity header, empty where nothing is to be said; names with `_` that imitate them are 400 |
| | find a path that the proxy and orgd read differently | encoded slashes, backslashes, NUL and bad escapes are 400; dot segments and repeated slashes are resolved before comparing |
| | guess a PIN | six digits, ten minutes, five tries, one mail a minute and address; the page says the same for every address |
| | frame or script a page | no script at all on pages of teams, one file of our own in the console; `default-src 'none'`, `frame-ancestors 'none'`, never `unsafe-inline`; the builder of pages escapes everything |
| | use an administrator's session (CSRF) | forms carry a value derived from the cookie; `Sec-Fetch-Site` and `Origin` of another site are refused; the sign-in form is tied to its browser too |
| | steal a console session | the cookie is `HttpOnly`, with https `__Host-`; 30 minutes idle and 12 hours at most, new at each sign-in; rights are those of the credential at every request, so revoking it ends the session |
| | bring a member's sign-in to another browser | the ticket from the team to the console is sealed, good once, for a minute, for the browser that left |
| | hide a formula in an export | cells that a spreadsheet would compute are marked as text |
| a customer of one account | read or change another | 404 for what they have no right on; identifiers are no secrets and give nothing |
| | make a stronger token | compared with the creator's rights on every resource |
| | use the server to reach inside (SSRF) | outbound requests only to public addresses, resolved once and pinned; redirects on the same host; https |
| a program that acts for somebody | act for more than its person allowed | one application or the API a token, judged with the person's rights at each use; no policy gives a client more than its person |
| | replay a code or a refresh token | each is used up in one transaction; a second use ends the grant and everything that came of it |
| | take an answer meant for another | exact redirect URIs, PKCE S256 always, `iss` in every answer, a code is bound to its issuer |
| | be taken for another program | a name is marked as not verified beside the client id and where the answer goes; programs on the own machine are asked about each time |
| | make the server fetch (client documents) | https, public addresses, no redirects, five seconds, 5 KiB, ten a minute and host |
| | flood registrations or tokens | 20 and 600 a minute and address, 10,000 live clients an account |
| | outlive its person at the API | memberships are looked up at every request; the audit log names person and program |
| an identity provider, or who controls it | confuse token validation | algorithm from the provider's list, never `none` or HMAC; key type must match; issuer byte-equal; header keys (`jku`, `jwk`, `x5u`) never used |
| | poison the key cache | a bad document never replaces a good one; one refresh a minute for unknown keys |
| an administrator of the source account | log in everywhere | by design: the primary identity provider vouches for its users in all accounts; recipients keep their own policies |
| someone with a copy of the database | read secrets | encrypted without the key file; tokens, sessions and codes are digests |
| someone who can write the database | rewrite history | the hash chain breaks; `orgd check` and `…/logs/audit/integrity` name the first broken row |
| someone who can write the database **and** recompute the chain | rewrite history unseen | not met: keep the head hash that `…/integrity` answers elsewhere |
| someone with the machine | everything | not met; the systemd unit narrows what a compromised process can reach |

## Decisions that follow

- No session or token is a bearer of more than its row says: revocation, expiry, moved accounts and ended connections take effect
  on the next request.
- Removing a connection never lets more people in: an application whose allowed list would become empty keeps the dead entry.
- Everything that cannot be evaluated counts against the visitor: a service behind `external_evaluation` that is slow, silent,
  or whose answer is not signed, fresh and about this very question has not answered. Such services are asked within the same
  address rules, limits and five seconds as identity providers, without following redirects, and learn what `get-identity` says.
- Error messages hold no internals; causes are in the log under the `cf-ray`.
- The first administrator's token is written to a file with mode 0600 and printed once; replace and delete it after set-up.

## Not in scope

Denial of service by volume (put a proxy or a network in front), hardware attacks, weaknesses of OpenSSL and SQLite themselves
(they come from the distribution and are updated with it), and the people who administer the identity provider.

"""###,
    ]
}
