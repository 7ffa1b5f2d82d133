using System.IO.Pipes;
using SoftSwitch.Linux.Output;

namespace SoftSwitch.Tests.Linux;

public sealed class OutputTests : IDisposable
{
    private readonly AnonymousPipeServerStream _reader = new(PipeDirection.In);

    private OutputDescriptor Pipe => new((int)_reader.ClientSafePipeHandle.DangerousGetHandle());

    public void Dispose() => _reader.Dispose();

    [Fact]
    public void A_writer_writes_text_whatever_its_pieces_are()
    {
        var writer = new OutputWriter(Pipe);
        writer.Write("ä\ud83d");
        writer.Write('\ude00');
        writer.WriteLine("!");
        writer.WriteLine(42);
        writer.Write(new string('x', 50_000));
        writer.Flush();
        Assert.Equal((false, (string?)null), (writer.IsClosed, writer.Refusal));
        _reader.DisposeLocalCopyOfClientHandle();
        using var reader = new StreamReader(_reader);
        Assert.Equal("ä\ud83d\ude00!\n42\n" + new string('x', 50_000), reader.ReadToEnd());
    }

    [Fact]
    public void A_pipe_whose_reader_is_gone_is_closed_and_nothing_is_wrong()
    {
        var writer = new OutputWriter(Pipe);
        Assert.False(writer.IsClosed);
        // Disposing the server's end alone leaves ours open, as head(1) does.
        var copy = Pipe;
        _reader.SafePipeHandle.Dispose();
        Assert.True(copy.IsClosed);
        writer.WriteLine("a");
        writer.WriteLine("b");
        Assert.Equal((true, (string?)null), (writer.IsClosed, writer.Refusal));
    }

    [Fact]
    public void A_full_disk_is_a_refusal()
    {
        using var full = File.OpenHandle("/dev/full", FileMode.Open, FileAccess.Write);
        var writer = new OutputWriter(new((int)full.DangerousGetHandle()));
        writer.WriteLine("a");
        Assert.Equal((false, "no space left on device"), (writer.IsClosed, writer.Refusal));
    }

    [Fact]
    public async Task A_write_that_waits_for_a_reader_can_be_abandoned()
    {
        var writer = new OutputWriter(Pipe);
        var writing = Task.Run(() => writer.Write(new string('x', 1 << 20) + "\n"), TestContext.Current.CancellationToken);
        Assert.NotSame(writing, await Task.WhenAny(writing, Task.Delay(300, TestContext.Current.CancellationToken)));
        writer.Abandon();
        await writing.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
    }

    [Fact]
    public void A_descriptor_says_how_much_it_took()
    {
        var written = Pipe.Write(new byte[1 << 20], 0, out var errno);
        Assert.True(OutputDescriptor.SaysFull(errno));
        Assert.Equal(65_536, written);
        Assert.Equal(0, OutputDescriptor.Closed.Write("a"u8, 0, out errno));
        Assert.True(OutputDescriptor.SaysClosed(errno));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("8:12345")]
    [InlineData("no")]
    public void A_pipe_is_no_journal(string? variable) => Assert.False(Pipe.IsJournal(variable));
}
