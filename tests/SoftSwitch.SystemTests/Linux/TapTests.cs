using SoftSwitch.Forwarding;
using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Linux;
using SoftSwitch.Linux.Endpoints.Guest;
using SoftSwitch.Linux.Endpoints.Tap;
using SoftSwitch.Linux.Interop;
using SoftSwitch.Packets;
using SoftSwitch.SystemTests.Peers;

namespace SoftSwitch.SystemTests.Linux;

[Collection(typeof(AloneOnTheMachine))]
public unsafe class TapTests
{
    private static readonly MacAddress Mac = MacAddress.Parse("02:00:00:00:00:77");

    [Fact]
    public void A_tap_takes_every_offload_that_the_kernel_has()
    {
        using var sandbox = Make();
        using var tap = sandbox.Namespace.Run(() => TapDevice.Open("tap0"));
        Assert.Equal("tap0", tap.Name);
        // Linux 6.17 brought tunnels, 6.2 USO; before it, the first mask that the kernel knows is taken.
        var kernel = Environment.OSVersion.Version;
        Assert.Equal(kernel >= new Version(6, 17) ? 0x1efu : kernel >= new Version(6, 2) ? 0x6fu : 0x0fu, tap.Offloads);
        var link = sandbox.Links.Find("tap0")!;
        Assert.Equal(("tun", false, true), (link.Kind, link.IsUp, link.HasCarrier));
        Assert.Equal(new(IsTap: true, IsPersistent: false, HasVnetHeader: true, Owner: null), link.Tun);
    }

    [Fact]
    public void A_frame_that_a_tap_calls_invalid_is_lost_alone()
    {
        using var sandbox = Make();
        using var port = sandbox.Namespace.Run(() => new TapPort("tap0", 1500, 1, TapDevice.Open("tap0")));
        sandbox.Links.SetUp(sandbox.Links.Require("tap0").Index);
        using var burst = new Burst();
        using var egress = new Egress(0);
        for (var i = 0; i < 3; i++)
        {
            ref var frame = ref burst.Add(100, null);
            frame.HeadBytes.Fill(0xFF);
            // The second says that its checksum lies behind its end.
            frame.Offload = new()
            {
                BufferCount = 1, Flags = i == 1 ? VirtioNetFlags.NeedsChecksum : 0, ChecksumStart = (ushort)(i == 1 ? 5_000 : 0),
            };
        }
        var sends = int.MaxValue;
        egress.Transmit(burst, port, burst.All, ref sends);
        Assert.Equal((2, 1), (port.Total().OutFrames, port.Total().OutDrops(DropReason.TransmitFailed)));
        burst.Clear();
        port.Receive(burst);
        Assert.Equal(0, port.Total().InDropsTotal);
    }

    [Fact]
    public void A_tap_goes_with_its_holder()
    {
        using var sandbox = Make();
        sandbox.Namespace.Run(() => TapDevice.Open("tap0")).Dispose();
        Assert.Null(sandbox.Links.Find("tap0"));
    }

    [Fact]
    public void A_tap_whose_name_is_taken_is_refused()
    {
        using var sandbox = Make();
        sandbox.Links.CreateVethPair("a", null, "b", null);
        using var tap = sandbox.Namespace.Run(() => TapDevice.Open("tap0"));
        foreach (var (name, errno) in new[] { ("tap0", Errno.EBUSY), ("a", Errno.EINVAL) })
        {
            var e = Assert.Throws<SystemCallException>(() => sandbox.Namespace.Run(() => TapDevice.Open(name)));
            Assert.True(e.ErrorNumber == errno || e.ErrorNumber == Errno.EBUSY, e.Message);
            Assert.EndsWith("choose another name)", e.Message);
        }
        Assert.Throws<ArgumentException>(() => sandbox.Namespace.Run(() => TapDevice.Open("a-name-of-16-chr")));
    }

    [Fact]
    public void A_persistent_tap_is_made_once_and_then_adopted()
    {
        using var sandbox = Make();
        // In a user namespace only the users of its map exist.
        var (first, second) = File.ReadAllText("/proc/self/uid_map").Split(' ', StringSplitOptions.RemoveEmptyEntries) is [_, _, var count]
            && uint.Parse(count) > 1001 ? (1000u, 1001u) : (0u, 0u);
        var made =
            sandbox.Namespace.Run(() => (Link: PersistentTap.AdoptOrCreate(sandbox.Links, "vm1", first, Mac, out var adopted), adopted));
        Assert.False(made.adopted);
        Assert.Equal((Mac, false, false), (made.Link.MacAddress, made.Link.IsUp, made.Link.HasCarrier));
        Assert.Equal(new(true, true, true, first), made.Link.Tun);
        sandbox.Links.SetUp(made.Link.Index);

        var again =
            sandbox.Namespace.Run(() => (Link: PersistentTap.AdoptOrCreate(sandbox.Links, "vm1", second, null, out var adopted), adopted));
        Assert.True(again.adopted);
        Assert.Equal((made.Link.Index, Mac, true), (again.Link.Index, again.Link.MacAddress, again.Link.IsUp));
        Assert.Equal(second, again.Link.Tun!.Owner);
    }

    [Fact]
    public void A_held_tap_is_adopted_untouched_and_stays_until_its_holder_is_gone()
    {
        using var sandbox = Make();
        sandbox.Namespace.Run(() =>
        {
            var links = sandbox.Links;
            var index = PersistentTap.AdoptOrCreate(links, "vm1", null, null, out _).Index;
            links.SetUp(index);
            Assert.False(PersistentTap.IsHeld(links, "vm1"));
            using (TapDevice.Attach("vm1", 0))
            {
                Assert.True(PersistentTap.IsHeld(links, "vm1"));
                Assert.Equal(index, PersistentTap.AdoptOrCreate(links, "vm1", 1, null, out var adopted).Index);
                Assert.True(adopted);
                Assert.True(PersistentTap.IsHeld(links, "vm1"));
                Assert.False(PersistentTap.RemoveIfFree(links, "vm1"));
                Assert.NotNull(links.Find("vm1"));
            }
            Assert.False(PersistentTap.IsHeld(links, "vm1"));
            Assert.True(PersistentTap.RemoveIfFree(links, "vm1"));
            Assert.Null(links.Find("vm1"));
            Assert.True(PersistentTap.RemoveIfFree(links, "vm1"));
            Assert.False(PersistentTap.IsHeld(links, "vm1"));
        });
    }

    [Fact]
    public void A_name_of_something_else_is_neither_adopted_nor_removed()
    {
        using var sandbox = Make();
        sandbox.Namespace.Run(() =>
        {
            var links = sandbox.Links;
            links.CreateVethPair("a", null, "b", null);
            using var passing = TapDevice.Open("tap0");
            foreach (var name in new[] { "a", "tap0", "lo" })
            {
                var e = Assert.Throws<SystemCallException>(() => PersistentTap.AdoptOrCreate(links, name, null, null, out _));
                Assert.Equal(Errno.EEXIST, e.ErrorNumber);
                Assert.Contains("no persistent tap; choose another name", e.Message);
                Assert.True(PersistentTap.RemoveIfFree(links, name));
                Assert.NotNull(links.Find(name));
            }
            Assert.Throws<ArgumentException>(() => PersistentTap.AdoptOrCreate(links, "a-name-of-16-chr", null, null, out _));
        });
    }

    [Fact]
    public void An_owner_who_does_not_exist_leaves_no_tap_behind()
    {
        using var sandbox = Make();
        var e = Assert.Throws<SystemCallException>(() =>
            sandbox.Namespace.Run(() => PersistentTap.AdoptOrCreate(sandbox.Links, "vm1", uint.MaxValue, null, out _)));
        Assert.Equal("tap vm1: invalid argument (user 4294967295 does not exist in this user namespace; choose another owner)", e.Message);
        Assert.Null(sandbox.Links.Find("vm1"));
    }

    private static Sandbox Make()
    {
        Need.Tun();
        return Sandbox.Make();
    }
}
