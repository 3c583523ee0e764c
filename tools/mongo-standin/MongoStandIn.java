import de.bwaldvogel.mongo.MongoCollection;
import de.bwaldvogel.mongo.MongoDatabase;
import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.MongoVersion;
import de.bwaldvogel.mongo.backend.CursorRegistry;
import de.bwaldvogel.mongo.backend.Index;
import de.bwaldvogel.mongo.backend.IndexKey;
import de.bwaldvogel.mongo.backend.h2.H2Backend;
import de.bwaldvogel.mongo.backend.h2.H2Database;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.exception.KeyConstraintError;
import de.bwaldvogel.mongo.wire.message.MongoMessage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.h2.mvstore.MVStore;

/**
 * A server that speaks MongoDB's protocol, for development and tests where no mongod can be had.
 * Run as one source file: {@code java -Xmx512m -cp 'lib/*' MongoStandIn.java FILE PORT}.
 *
 * <p>Durable: a command that writes is answered only after its change is committed and synced to FILE. One commit
 * serves all replies that wait for one (group commit). No authentication, so it listens on 127.0.0.1 alone. It has no
 * transactions, sessions or change streams, and of its indexes only unique ones are used, where a query names a value (or
 * {@code $in}) for every key; all other queries scan: never take it for a measurement or for production.
 */
public final class MongoStandIn {
  private static final String NAME = "mongo-java-server 1.47.0 (H2)";
  /** The oldest version that the driver accepts is wire version 8; 13 is that of MongoDB 5.0. */
  private static final int WIRE_VERSION = 13;

  private MongoStandIn() {}

  public static void main(String[] arguments) throws Exception {
    if (arguments.length != 2) {
      System.err.println("usage: MongoStandIn FILE PORT");
      System.exit(2);
    }
    Path file = Path.of(arguments[0]).toAbsolutePath();
    Files.createDirectories(file.getParent());
    MVStore store = new MVStore.Builder().fileName(file.toString()).autoCommitDisabled().open();
    store.setRetentionTime(0);
    store.setVersionsToKeep(0);
    DurableBackend backend = new DurableBackend(store);
    backend.version(new StandInVersion());
    MongoServer server = new MongoServer(backend);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> {
      server.shutdownNow(); // closes the backend and with it the store, which commits
    }));
    server.bind("127.0.0.1", Integer.parseInt(arguments[1]));
    System.out.println(NAME + " listens on 127.0.0.1:" + arguments[1]);
  }

  private record StandInVersion() implements MongoVersion {
    @Override
    public List<Integer> getVersionArray() {
      return List.of(5, 0, 0);
    }

    @Override
    public int getWireVersion() {
      return WIRE_VERSION;
    }
  }

  private static final class DurableBackend extends H2Backend {
    private static final Set<String> WRITES =
        Set.of("insert", "update", "delete", "findandmodify", "create", "createindexes", "drop", "dropdatabase",
            "dropindexes", "renamecollection");
    private static final int COMMITS_PER_COMPACTION = 500;
    private static final int TARGET_FILL_PERCENT = 80;
    private static final int COMPACTION_BYTES = 16 * 1024 * 1024;

    private final MVStore store;
    /** Commands that write share it; a commit takes it alone, so that no half-applied command is ever committed. */
    private final ReadWriteLock applying = new ReentrantReadWriteLock(true);
    private final AtomicLong applied = new AtomicLong();
    private final Object committing = new Object();
    private long durable;
    private long commits;

    DurableBackend(MVStore store) {
      super(store);
      this.store = store;
      compact();
    }

    /** Called by the constructor above as well, where no field of this class is set yet. */
    @Override
    protected MongoDatabase openOrCreateDatabase(String name) {
      return new IndexingDatabase(name, getMvStore(), getCursorRegistry());
    }

    @Override
    public Document handleMessage(MongoMessage message) {
      String command = message.getDocument().keySet().iterator().next().toLowerCase();
      if (!WRITES.contains(command)) {
        Document reply = super.handleMessage(message);
        if (command.equals("buildinfo")) {
          reply.put("standIn", NAME);
        }
        return reply;
      }
      Document reply;
      long ticket;
      applying.readLock().lock();
      try {
        reply = super.handleMessage(message);
        ticket = applied.incrementAndGet();
      } finally {
        applying.readLock().unlock();
      }
      awaitDurable(ticket);
      return reply;
    }

    private void awaitDurable(long ticket) {
      synchronized (committing) {
        if (durable >= ticket) {
          return; // the commit of another command covered this one
        }
        long covered;
        applying.writeLock().lock();
        try {
          covered = applied.get();
          store.commit();
          commits += 1;
          if (commits % COMMITS_PER_COMPACTION == 0) {
            compact();
          }
        } finally {
          applying.writeLock().unlock();
        }
        store.sync();
        durable = covered;
      }
    }

    /** Without it the file grows without end, since every commit writes new chunks. */
    private void compact() {
      store.compact(TARGET_FILL_PERCENT, COMPACTION_BYTES);
    }
  }

  private static final class IndexingDatabase extends H2Database {
    IndexingDatabase(String name, MVStore store, CursorRegistry cursors) {
      super(name, store, cursors);
    }

    @Override
    protected Index<Object> openOrCreateUniqueIndex(
        String collection, String index, List<IndexKey> keys, boolean sparse) {
      return new EqualityIndex(super.openOrCreateUniqueIndex(collection, index, keys, sparse), keys, sparse);
    }
  }

  /**
   * A unique index that also serves queries which ask for more than its keys. The library uses one only where a query names
   * its keys and nothing else, and filters what an index finds by the whole query in any case.
   */
  private static final class EqualityIndex extends Index<Object> {
    private static final String ANY_OF = "$in";

    private final Index<Object> index;

    EqualityIndex(Index<Object> index, List<IndexKey> keys, boolean sparse) {
      super(index.getName(), keys, sparse);
      this.index = index;
    }

    @Override
    public synchronized boolean canHandle(Document query) {
      return index.canHandle(query) || lookupsOf(query) != null;
    }

    @Override
    public synchronized Iterable<Object> getPositions(Document query) {
      if (index.canHandle(query)) {
        return index.getPositions(query);
      }
      Set<Object> positions = new LinkedHashSet<>();
      for (Document lookup : lookupsOf(query)) {
        index.getPositions(lookup).forEach(positions::add);
      }
      return positions;
    }

    /** One query by the keys alone for each value of {@code $in}; null where a key has no value to look up. */
    private List<Document> lookupsOf(Document query) {
      List<Document> lookups = List.of(new Document());
      for (String key : keys()) {
        List<Object> values = valuesOf(query.get(key));
        if (values == null || (values.size() > 1 && lookups.size() > 1)) {
          return null;
        }
        List<Document> longer = new ArrayList<>();
        for (Document lookup : lookups) {
          for (Object value : values) {
            Document next = lookup.clone();
            next.put(key, value);
            longer.add(next);
          }
        }
        lookups = longer;
      }
      return lookups.stream().allMatch(index::canHandle) ? lookups : null;
    }

    private static List<Object> valuesOf(Object asked) {
      if (isPlain(asked)) {
        return List.of(asked);
      }
      if (!(asked instanceof Document operators) || !operators.keySet().equals(Set.of(ANY_OF))) {
        return null;
      }
      if (!(operators.get(ANY_OF) instanceof Collection<?> values)) {
        return null;
      }
      return values.stream().allMatch(EqualityIndex::isPlain) ? List.copyOf(values) : null;
    }

    private static boolean isPlain(Object value) {
      return value instanceof String || value instanceof Number;
    }

    @Override
    public Object getPosition(Document document) {
      return index.getPosition(document);
    }

    @Override
    public void checkAdd(Document document, MongoCollection<Object> collection) {
      index.checkAdd(document, collection);
    }

    @Override
    public void add(Document document, Object position, MongoCollection<Object> collection) {
      index.add(document, position, collection);
    }

    @Override
    public Object remove(Document document) {
      return index.remove(document);
    }

    @Override
    public void checkUpdate(Document before, Document after, MongoCollection<Object> collection) {
      index.checkUpdate(before, after, collection);
    }

    @Override
    public void updateInPlace(Document before, Document after, Object position, MongoCollection<Object> collection)
        throws KeyConstraintError {
      index.updateInPlace(before, after, position, collection);
    }

    @Override
    public long getCount() {
      return index.getCount();
    }

    @Override
    public boolean isEmpty() {
      return index.isEmpty();
    }

    @Override
    public long getDataSize() {
      return index.getDataSize();
    }

    @Override
    public boolean isUnique() {
      return index.isUnique();
    }

    @Override
    public void drop() {
      index.drop();
    }
  }
}
