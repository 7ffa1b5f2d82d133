using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using SoftSwitch.Linux.Interop;
using SoftSwitch.Linux.Children;
using SoftSwitch.Linux.Keeping;
using static SoftSwitch.Linux.Interop.Netlink;
using static SoftSwitch.Linux.Interop.SysSocket;

namespace SoftSwitch.Tests.Linux;

/// <summary>A keeper is asked by a process that somebody may have taken over: it does what a switch asks for, and nothing else.</summary>
public sealed class KeeperTests
{
    private static readonly Opening[] s_ours =
    [
        Opening.Tun, Opening.Program(7), new(OpeningKind.NewNamespace), Opening.Bind(0x7f000001, 53),
        Opening.Socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK, NETLINK_ROUTE), Opening.Socket(AF_NETLINK, SOCK_RAW, NETLINK_NETFILTER),
        Opening.Socket(AF_NETLINK, SOCK_RAW, NETLINK_SOCK_DIAG), Opening.Socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK, 0),
    ];

    [Fact]
    public void What_a_switch_asks_is_read_with_its_descriptors_and_no_others() => Assert.All(s_ours, what =>
    {
        for (var count = 0; count <= ChildSocket.MostDescriptors; count++)
            Assert.Equal(count == what.Descriptors ? what : null, Read(Bytes(what), count));
        Assert.Null(Read([.. Bytes(what), 0], what.Descriptors));
        Assert.Null(Read(Bytes(what)[..^1], what.Descriptors));
    });

    [Fact]
    public void Nothing_else_is()
    {
        Opening[] others =
        [
            default, new((OpeningKind)7), new(OpeningKind.Tun, 1), new(OpeningKind.NewNamespace, 0, 0, 1), Opening.Program(0),
            Opening.Program(-1), new(OpeningKind.Program, 1, 1), Opening.Bind(0, 0), Opening.Bind(0, 1024),
            new(OpeningKind.Bind, 0, 65536 + 22), Opening.Socket(AF_INET, SOCK_STREAM, 0), Opening.Socket(AF_INET, SOCK_RAW, 1),
            Opening.Socket(AF_UNIX, SOCK_STREAM, 0), Opening.Socket(AF_PACKET, SOCK_RAW, If.ETH_P_ALL << 8),
            Opening.Socket(AF_PACKET, SOCK_DGRAM, 0), Opening.Socket(AF_NETLINK, SOCK_RAW, 9), Opening.Socket(AF_NETLINK, SOCK_DGRAM, 0),
        ];
        Assert.All(others, what => Assert.All(Enumerable.Range(0, 3), count => Assert.Null(Read(Bytes(what), count))));
    }

    [Theory]
    [InlineData("/run/netns/box", true)]
    [InlineData("/proc/4711/ns/net", true)]
    [InlineData("", false)]
    [InlineData("box", false)]
    [InlineData("../box", false)]
    [InlineData("/run/\0/box", false)]
    public void A_path_is_whole_and_absolute(string path, bool isRead)
    {
        byte[] question = [.. Bytes(new(OpeningKind.NamespaceAt)), .. Encoding.UTF8.GetBytes(path)];
        Assert.Equal(isRead, Read(question, 0) is not null);
        Assert.Null(Read(question, 1));
        Assert.Null(Read([.. Bytes(new(OpeningKind.NamespaceAt)), (byte)'/', .. new byte[5000].Select(_ => (byte)'a')], 0));
    }

    /// <summary>Whatever comes: an answer to each message, nothing held open, and an end where a message is too long to be one.</summary>
    [Fact]
    public void Garbage_is_answered_and_leaves_nothing_open()
    {
        var random = new Random(20);
        var (ours, its) = ChildSocket.Pair("a keeper");
        var hasServed = false;
        using (ours)
        {
            var keeper = new Thread(() =>
            {
                using (its)
                    hasServed = KeeperProgram.Serve(its, null);
            });
            keeper.Start();
            Assert.Equal(0, Hear(ours).ErrorNumber);
            for (var i = 0; i < 2000; i++)
            {
                var bytes = new byte[random.Next(1, 64)];
                random.NextBytes(bytes);
                // Often something that is nearly right; never what would change this machine.
                if (random.Next(2) == 0 && bytes.Length >= 4)
                    BinaryPrimitives.WriteInt32LittleEndian(bytes, random.Next(0, 3));
                Assert.True(ours.Send(bytes, random.Next(3) == 0 ? ours.Fd : -1, random.Next(3) == 0 ? ours.Fd : -1));
                Assert.NotEqual(0, Hear(ours).ErrorNumber);
            }
            // Nothing but copies of this end were sent; the last question's may be on its way.
            var own = new FileInfo($"/proc/self/fd/{ours.Fd}").LinkTarget;
            Assert.InRange(Directory.GetFiles("/proc/self/fd").Count(file => new FileInfo(file).LinkTarget == own), 1, 3);
            Assert.True(ours.Send(new byte[8192]));
            keeper.Join();
        }
        Assert.True(hasServed);
    }

    [Fact]
    public void Without_a_switch_it_ends_at_once()
    {
        var (ours, its) = ChildSocket.Pair("a keeper");
        ours.Dispose();
        using (its)
            Assert.False(KeeperProgram.Serve(its, null));
    }

    private static Opened Hear(ChildSocket socket)
    {
        var bytes = new byte[64];
        Span<int> descriptors = stackalloc int[ChildSocket.MostDescriptors];
        Assert.Equal(Marshal.SizeOf<Opened>(), socket.Receive(bytes, descriptors));
        Assert.Equal(-1, descriptors[0]);
        return MemoryMarshal.Read<Opened>(bytes);
    }

    private static Opening? Read(byte[] question, int count) =>
        KeeperProgram.Read(question, [count > 0 ? 10 : -1, count > 1 ? 11 : -1], out _);

    private static byte[] Bytes(Opening what) => MemoryMarshal.AsBytes(new Span<Opening>(ref what)).ToArray();
}
