using System.Buffers;
using System.Collections.Concurrent;
using Microsoft.AspNetCore.Connections;

namespace Builder.Web.Http;

/// <summary>
/// What is read from and written to the network goes through blocks of 16 KiB. The server's own have 4 KiB: an upload would cost four times the calls.
/// Larger ones would let thousands of slow clients hold too much memory.
/// </summary>
internal sealed class NetworkMemoryPoolFactory : IMemoryPoolFactory<byte>
{
    private const int BlockInBytes = 16 * 1024;

    /// <summary>Blocks that wait for their next use; more are left to the collector.</summary>
    private const int MaxWaiting = 128;

    public MemoryPool<byte> Create(MemoryPoolOptions? options = null) => new Blocks();

    private sealed class Blocks : MemoryPool<byte>
    {
        private readonly ConcurrentQueue<Block> waiting = new();

        public override int MaxBufferSize => BlockInBytes;

        public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan(minBufferSize, BlockInBytes);
            return waiting.TryDequeue(out var block) ? block.Take() : new Block(this);
        }

        protected override void Dispose(bool disposing) => waiting.Clear();

        private void GiveBack(Block block)
        {
            if (waiting.Count < MaxWaiting)
                waiting.Enqueue(block);
        }

        /// <summary>Does not move, so that the system can write to it while the collector runs.</summary>
        private sealed class Block(Blocks pool) : IMemoryOwner<byte>
        {
            private readonly byte[] bytes = GC.AllocateUninitializedArray<byte>(BlockInBytes, pinned: true);
            private int isTaken = 1;

            public Memory<byte> Memory => bytes;

            public Block Take()
            {
                Volatile.Write(ref isTaken, 1);
                return this;
            }

            public void Dispose()
            {
                // Given back twice it would be two users' at once.
                if (Interlocked.Exchange(ref isTaken, 0) == 1)
                    pool.GiveBack(this);
            }
        }
    }
}
