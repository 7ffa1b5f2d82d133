using System.Runtime.InteropServices;

namespace SoftSwitch.Linux.Interop;

/// <summary>linux/netfilter/nfnetlink.h.</summary>
internal static class Nfnetlink
{
    internal const ushort NFNL_MSG_BATCH_BEGIN = 16;
    internal const ushort NFNL_MSG_BATCH_END = 17;
    internal const ushort NFNL_SUBSYS_CTNETLINK = 1;
    internal const ushort NFNL_SUBSYS_NFTABLES = 10;

    [StructLayout(LayoutKind.Sequential)]
    internal struct nfgenmsg
    {
        public byte nfgen_family;
        public byte version;
        public ushort res_id;
    }
}
