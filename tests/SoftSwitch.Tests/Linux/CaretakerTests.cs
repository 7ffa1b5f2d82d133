using Microsoft.Win32.SafeHandles;
using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Linux;
using SoftSwitch.Linux.Children;
using SoftSwitch.Linux.Interop;
using SoftSwitch.Linux.Succession;

namespace SoftSwitch.Tests.Linux;

/// <summary>What taps bring while one program goes and the next comes, from the caretaker's hands into bursts. Sockets of datagrams stand
/// for taps: one frame a read, too.</summary>
public sealed class CaretakerTests
{
    /// <summary>FIONREAD of ioctl(2).</summary>
    private const int BytesThere = 0x541B;

    private const int Short = 60, Long = 60_000;

    [Fact]
    public void What_taps_bring_until_it_is_told_to_stop_is_kept_in_order()
    {
        using var file = KeptFrames.NewFile();
        var (one, tapOne) = Datagrams();
        var (two, tapTwo) = Datagrams();
        var (ours, its) = ChildSocket.Pair("a caretaker");
        using (one)
        using (two)
        using (tapOne)
        using (tapTwo)
        using (ours)
        {
            var hasServed = false;
            var caretaker = new Thread(() =>
            {
                using (its)
                    hasServed = CaretakerProgram.Serve(its);
            });
            caretaker.Start();
            Assert.Equal(CaretakerProgram.Ready, Hear(ours));
            Assert.True(ours.Send([CaretakerProgram.File], Number(file)));
            // It waits since the time before.
            KeptFrames.Read(Entry(0, Frame(0, Short)), 1)[0]!.WriteTo(file, 0);
            Send(one, 1, Short);
            Assert.True(ours.Send([CaretakerProgram.Tap], Number(tapOne)));
            Assert.True(ours.Send([CaretakerProgram.Tap], Number(tapTwo)));
            for (var i = 1; i < 100; i++)
            {
                if (i > 1)
                    Send(one, i, Short);
                Send(two, i, Long);
            }
            Assert.True(SpinWait.SpinUntil(() => Waiting(tapOne) + Waiting(tapTwo) == 0, TimeSpan.FromSeconds(10)));
            Assert.True(ours.Send([CaretakerProgram.Stop]));
            Assert.Equal(CaretakerProgram.Done, Hear(ours));
            // From here on the tap is another's.
            Send(one, 100, Short);
            caretaker.Join();
            Assert.True(hasServed);
            var kept = KeptFrames.Read(MemoryFile.Read(file), 2);
            Assert.Equal((100, 99), (kept[0]!.Count, kept[1]!.Count));
            Assert.Equal(Enumerable.Range(1, 99), Numbers(kept[1]!, tap: null, length: Long));
            Assert.Equal(Enumerable.Range(0, 101), Numbers(kept[0]!, tapOne, length: Short));
        }
    }

    /// <summary>Catches one that reads a tap once more when it has said that it is done.</summary>
    [Fact]
    public void Under_a_stream_none_is_lost_when_it_is_told_to_stop()
    {
        for (var round = 0; round < 60; round++)
        {
            using var file = KeptFrames.NewFile();
            var (from, tap) = Datagrams();
            var (ours, its) = ChildSocket.Pair("a caretaker");
            using (from)
            using (tap)
            using (ours)
            {
                var caretaker = new Thread(() =>
                {
                    using (its)
                        CaretakerProgram.Serve(its);
                });
                caretaker.Start();
                Assert.Equal(CaretakerProgram.Ready, Hear(ours));
                Assert.True(ours.Send([CaretakerProgram.File], Number(file)));
                Assert.True(ours.Send([CaretakerProgram.Tap], Number(tap)));
                var (sent, isOver) = (0, false);
                var stream = new Thread(() =>
                {
                    while (!Volatile.Read(ref isOver) && sent < 20_000)
                        Send(from, sent++, Short);
                });
                stream.Start();
                Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref sent) > 20 * round, TimeSpan.FromSeconds(10)));
                Assert.True(ours.Send([CaretakerProgram.Stop]));
                Assert.Equal(CaretakerProgram.Done, Hear(ours));
                var record = MemoryFile.Read(file);
                Volatile.Write(ref isOver, true);
                // It may wait for room.
                var kept = KeptFrames.Read(record, 1)[0] ?? KeptFrames.Read(Entry(0, Frame(0, Short)), 1)[0]!;
                while (!stream.Join(0))
                    kept.TakeFrom(Number(tap));
                caretaker.Join();
                Assert.Equal(Enumerable.Range(0, sent), Numbers(kept, tap, Short));
            }
        }
    }

    [Fact]
    public void What_comes_while_kept_frames_are_given_waits_behind_them()
    {
        var (from, tap) = Datagrams();
        using (from)
        using (tap)
        {
            byte[] record = [.. Enumerable.Range(0, 200).SelectMany(i => Entry(0, Frame(i, Short)))];
            var kept = KeptFrames.Read(record, 1)[0]!;
            using var burst = new Burst();
            var (seen, next) = (new List<int>(), 200);
            bool hasMore;
            do
            {
                for (var i = 0; i < 20 && next < 400; i++)
                    Send(from, next++, Short);
                kept.TakeFrom(Number(tap));
                hasMore = kept.GiveTo(burst);
                seen.AddRange(Numbers(burst));
                burst.Clear();
            }
            while (hasMore);
            Assert.Equal(Enumerable.Range(0, next), seen);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_damaged_record_gives_what_is_whole_in_front_and_nothing_behind_its_end(int seed)
    {
        var random = new Random(seed);
        byte[] whole = [.. Enumerable.Range(0, 20).SelectMany(i => Entry(i % 3, Frame(i, Short + i * 300)))];
        using var burst = new Burst();
        for (var round = 0; round < 5_000; round++)
        {
            byte[] record = whole[..random.Next(whole.Length + 1)];
            for (var flips = random.Next(4); flips > 0 && record.Length > 0; flips--)
                record[random.Next(record.Length)] = (byte)random.Next(256);
            foreach (var kept in KeptFrames.Read(record, 3).OfType<KeptFrames>())
            {
                while (kept.GiveTo(burst))
                    burst.Clear();
                burst.Clear();
            }
        }
        Assert.Empty(KeptFrames.Read(whole, 0));
        Assert.All(KeptFrames.Read(Entry(0, new byte[SoftSwitch.Forwarding.Frames.Frame.HeadRoom]), 1), Assert.Null);
    }

    [Fact]
    public void Without_a_switch_it_ends_at_once()
    {
        var (ours, its) = ChildSocket.Pair("a caretaker");
        ours.Dispose();
        using (its)
            Assert.False(CaretakerProgram.Serve(its));
    }

    /// <summary>The numbers of all that are left, and of what the tap has.</summary>
    private static List<int> Numbers(KeptFrames kept, SafeFileHandle? tap, int length)
    {
        using var burst = new Burst();
        var numbers = new List<int>();
        bool hasMore;
        do
        {
            if (tap is not null)
                kept.TakeFrom(Number(tap));
            hasMore = kept.GiveTo(burst);
            for (var i = 0; i < burst.Count; i++)
                Assert.Equal(sizeof(int) + length, burst[i].Length);
            numbers.AddRange(Numbers(burst));
            burst.Clear();
        }
        while (hasMore);
        return numbers;
    }

    private static unsafe List<int> Numbers(Burst burst) =>
        [.. Enumerable.Range(0, burst.Count).Select(i => *(int*)burst[i].Head)];

    private static byte[] Entry(int tap, byte[] frame) =>
        [.. BitConverter.GetBytes(tap), .. BitConverter.GetBytes(frame.Length), .. frame];

    private static byte[] Frame(int number, int length) =>
        [.. new byte[SoftSwitch.Forwarding.Frames.Frame.HeadRoom], .. BitConverter.GetBytes(number), .. new byte[length]];

    private static unsafe void Send(SafeFileHandle to, int number, int length)
    {
        var frame = Frame(number, length);
        fixed (byte* first = frame)
            Assert.Equal(frame.Length, Libc.write(Number(to), first, (nuint)frame.Length));
    }

    private static unsafe (SafeFileHandle From, SafeFileHandle To) Datagrams()
    {
        var ends = stackalloc int[2];
        Assert.Equal(0, Libc.socketpair(SysSocket.AF_UNIX, SysSocket.SOCK_SEQPACKET, 0, ends));
        Assert.Equal(0, Libc.fcntl(ends[1], Fcntl.F_SETFL, Fcntl.O_NONBLOCK));
        return (new(ends[0], ownsHandle: true), new(ends[1], ownsHandle: true));
    }

    private static unsafe int Waiting(SafeFileHandle tap)
    {
        int bytes;
        Assert.Equal(0, Libc.ioctl(Number(tap), BytesThere, &bytes));
        return bytes;
    }

    private static byte Hear(ChildSocket socket)
    {
        var word = new byte[1];
        Span<int> descriptors = stackalloc int[ChildSocket.MostDescriptors];
        Assert.Equal(1, socket.Receive(word, descriptors));
        return word[0];
    }

    private static int Number(SafeFileHandle handle) => (int)handle.DangerousGetHandle();
}
