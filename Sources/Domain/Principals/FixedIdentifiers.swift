/// Identifiers of the fixed lists, the same on every install (contract 10 §7): the first 32 digits of
/// SHA-256(`orgd:pg:<name>`) and SHA-256(`orgd:role:<name>`), and public ones where they are known.
extension PermissionGroup {
    package var id: String {
        switch self {
        case .accountSettingsRead: "1c523a0cb332ae79dce2a8df227b6e27"
        case .accountSettingsWrite: "5beb04a2cc37a1090c87a321a7a4c046"
        case .accountTokensRead: "eb56a6953c034b9d97dd838155666f06"
        case .accountTokensWrite: "5bc3f8b21c554832afc660159ab75fa4"
        case .appsRead: "c100b04bb6658f233712c964d0e5d0a0"
        case .appsWrite: "959972745952452f8be2452be8cbb9f2"
        case .appsRevoke: "c61b68ab679040aca5312e8d9259c8a6"
        case .identityRead: "b10111589201bb1520830bcf70bb789c"
        case .identityWrite: "c6483e6a123b5cfa990b2bd874c1978d"
        case .identityRevoke: "01922064da5b82c0521bef7bf98b76a3"
        case .serviceTokensRead: "8f66dd68e9dd4c2f74a16f38dabf0ac1"
        case .serviceTokensWrite: "f78377610221da1ce9429ad4ad7f4dd9"
        case .customPagesRead: "5809955ee136933788d1a1ca0a675af7"
        case .customPagesWrite: "093f11d6979b35adbf28fbacfbe19c01"
        case .populationRead: "73c7a6d6af3fc3d0842643f41cd35f8a"
        case .populationWrite: "f5521e9c1a88e3eeeafd8f4448cdbbb1"
        case .accessAuditLogsRead: "077ae0b1279b07bee7b15be846e07fb4"
        case .zeroTrustRead: "8defc88fb2f029a6fab9c9970fa83091"
        case .zeroTrustWrite: "cd6eb055f455b557d894b77363069e68"
        case .zeroTrustPIIRead: "0f6e31f26ad7c1567412c5f64fb6a00f"
        case .sharingRead: "e8931efaad10ba1d707f3e61daf57d5e"
        case .sharingWrite: "704b076665b2459a2ccf52c23b650dab"
        case .tokenValidationRun: "52a25341a6f5d0fdcc30c64e1cb04c2d"
        case .gatewayLogsIngest: "d2b17f49b662b5ca2240aad711064095"
        case .organizationRead: "4a16acbf26d077d8ace4118ecc01a635"
        case .organizationWrite: "fb7ced6aef75cd5aadb668ebb86c8bbc"
        case .organizationAccountsWrite: "3bc4324ffcfcc3eb5436978b56167e8c"
        case .userDetailsRead: "dd7d29830b01512d698db5e62f8719e5"
        case .membershipsRead: "245cc0dbdcd42e00ae916b789d3ff044"
        case .userTokensRead: "2d3da2a7a545224f4bfce7f0c20b2bc8"
        case .userTokensWrite: "de2965fa5f81d8d40dfe6ef98d324c27"
        }
    }

    package init?(id: some StringProtocol) {
        guard let group = Self.allCases.first(where: { $0.id == id }) else { return nil }
        self = group
    }
}

extension AccountRole {
    package var id: String {
        switch self {
        case .superAdministrator: "27a8243174f1843527942819a8d494a7"
        case .administrator: "16447fa1b475fe245f00e75a68d4b4dc"
        case .administratorReadOnly: "b37723294d4401cb5a519a65bfec87fc"
        case .zeroTrust: "ce11e9bf59870e032d1411f1801f027a"
        case .zeroTrustReadOnly: "6635084f02a9ba72a7afa6ca7ec0c9a0"
        case .zeroTrustReporting: "540d112d7c377efcd8f539bd774275ad"
        case .zeroTrustPII: "d1ca7a5458ddbffc9b243d8023426df5"
        case .access: "9623b5b8647bd09411fd24a84c65deea"
        case .auditLogsViewer: "7f58cc9ba57b24ecebc131714b5931bb"
        case .minimalAccountAccess: "d5bc7370ecb9da227d97744e604d6679"
        }
    }

    package init?(id: some StringProtocol) {
        guard let role = Self.allCases.first(where: { $0.id == id }) else { return nil }
        self = role
    }
}
