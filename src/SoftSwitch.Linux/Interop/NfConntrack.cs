namespace SoftSwitch.Linux.Interop;

/// <summary>linux/netfilter/nfnetlink_conntrack.h. Addresses are in network order.</summary>
internal static class NfConntrack
{
    internal const ushort IPCTNL_MSG_CT_GET = 1;
    internal const ushort IPCTNL_MSG_CT_DELETE = 2;

    internal const ushort CTA_TUPLE_ORIG = 1;
    internal const ushort CTA_TUPLE_REPLY = 2;
    internal const ushort CTA_ID = 12;
    internal const ushort CTA_ZONE = 18;
    internal const ushort CTA_TUPLE_IP = 1;
    internal const ushort CTA_IP_V4_SRC = 1;
    internal const ushort CTA_IP_V6_SRC = 3;
}
