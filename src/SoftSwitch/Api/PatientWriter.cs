using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;

namespace SoftSwitch.Api;

/// <summary>
/// Writes to a connection, and ends it when its peer lets a write wait for too long. A write waits while more than
/// <see cref="ControlListener.WriteBuffer"/> bytes aren't taken. A least data rate, as servers have it, would not do: the longer the
/// answer, the more time it would give to a peer that reads nothing.
/// </summary>
internal sealed class PatientWriter(ConnectionContext connection, PipeWriter inner) : PipeWriter
{
    /// <summary>How long a peer may take nothing of what it asked for.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    public override bool CanGetUnflushedBytes => inner.CanGetUnflushedBytes;

    public override long UnflushedBytes => inner.UnflushedBytes;

    public override void Advance(int bytes) => inner.Advance(bytes);

    public override Memory<byte> GetMemory(int sizeHint = 0) => inner.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => inner.GetSpan(sizeHint);

    public override void CancelPendingFlush() => inner.CancelPendingFlush();

    public override void Complete(Exception? exception = null) => inner.Complete(exception);

    public override ValueTask CompleteAsync(Exception? exception = null) => inner.CompleteAsync(exception);

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        var flush = inner.FlushAsync(cancellationToken);
        return flush.IsCompleted ? flush : Wait(flush);
    }

    private async ValueTask<FlushResult> Wait(ValueTask<FlushResult> flush)
    {
        using var patience = new CancellationTokenSource(Patience);
        using var end = patience.Token.Register(() => connection.Abort(new ConnectionAbortedException("the peer does not read")));
        return await flush;
    }
}
